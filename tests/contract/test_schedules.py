"""When a schedule's next tick is: with clocks that are put forward and back, and where there is none."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ports.schedule import Schedule, ScheduleBroken

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
FORWARD = datetime(2026, 3, 29, 1, tzinfo=UTC)  # in Berlin, 02:00 is 03:00
BACK = datetime(2026, 10, 25, 1, tzinfo=UTC)  # in Berlin, 03:00 is 02:00
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ticks(schedule: Schedule, count: int, *, after: datetime) -> list[str]:
    """The next ticks, as clocks in its zone show them."""
    at, shown = after, []
    for _ in range(count):
        at = schedule.next_after(at)
        assert at.tzinfo is UTC
        shown.append(at.astimezone(ZoneInfo(schedule.zone)).strftime("%d %H:%M %Z"))
    return shown


def berlin(cron: str) -> Schedule:
    return Schedule(cron, zone="Europe/Berlin")


def test_the_next_tick_is_later_than_the_time_asked_for() -> None:
    nightly = Schedule("0 3 * * *")

    assert nightly.next_after(NEW_YEAR) == NEW_YEAR + 3 * HOUR
    assert nightly.next_after(NEW_YEAR + 3 * HOUR) == NEW_YEAR + DAY + 3 * HOUR
    assert nightly.next_after(NEW_YEAR + 3 * HOUR - timedelta(microseconds=1)) == NEW_YEAR + 3 * HOUR


def test_an_hour_is_that_of_the_zone() -> None:
    assert berlin("0 3 * * *").next_after(NEW_YEAR) == NEW_YEAR + 2 * HOUR
    assert Schedule("30 5 * * *", zone="Asia/Kolkata").next_after(NEW_YEAR) == NEW_YEAR + DAY


def test_the_time_asked_for_may_be_of_any_zone() -> None:
    tokyo = NEW_YEAR.astimezone(ZoneInfo("Asia/Tokyo"))

    assert berlin("0 3 * * *").next_after(tokyo) == NEW_YEAR + 2 * HOUR


def test_an_hour_that_is_left_out_is_made_up_for_at_its_end() -> None:
    assert ticks(berlin("30 2 * * *"), 3, after=FORWARD - HOUR) == ["29 03:00 CEST", "30 02:30 CEST", "31 02:30 CEST"]


def test_an_hour_that_comes_twice_has_one_tick() -> None:
    assert ticks(berlin("30 2 * * *"), 3, after=BACK - 2 * HOUR) == ["25 02:30 CEST", "26 02:30 CET", "27 02:30 CET"]


@pytest.mark.parametrize("minutes", range(-35, 65, 5))
def test_no_tick_lies_behind_whenever_it_is_asked_for(minutes: int) -> None:
    at = BACK + timedelta(minutes=minutes)

    assert berlin("30 2 * * *").next_after(at) > at


def test_what_runs_every_hour_does_so_when_clocks_are_changed() -> None:
    for change in (FORWARD, BACK):
        at = change - 4 * HOUR
        moments = [at := berlin("0 * * * *").next_after(at) for _ in range(8)]
        assert {later - earlier for earlier, later in pairwise(moments)} == {HOUR}


def test_a_day_of_the_month_and_one_of_the_week_are_either_as_in_debian() -> None:
    assert ticks(Schedule("0 0 13 * 5"), 3, after=NEW_YEAR) == ["02 00:00 UTC", "09 00:00 UTC", "13 00:00 UTC"]


def test_the_last_day_of_a_month_and_its_last_monday_can_be_said() -> None:
    assert ticks(Schedule("0 0 L * *"), 2, after=NEW_YEAR) == ["31 00:00 UTC", "28 00:00 UTC"]
    assert ticks(Schedule("0 0 * * 1L"), 2, after=NEW_YEAR) == ["26 00:00 UTC", "23 00:00 UTC"]


def test_a_day_that_comes_every_four_years_comes() -> None:
    assert Schedule("0 0 29 2 *").next_after(NEW_YEAR) == datetime(2028, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "reason"),
    [
        ("nonsense", "it has not five fields"),
        ("", "it has not five fields"),
        ("@daily", "it has not five fields"),
        ("0 0 3 * * *", "it has not five fields"),
        ("60 * * * *", "bad minute"),
        ("0 24 * * *", "bad hour"),
        ("*/0 * * * *", "bad minute"),
        ("0 0 30 2 *", "bad day-of-month"),
        ("0 0 31 4,6 *", "bad day-of-month"),
        ("* * */20 * 1L", "not in fifty years"),
    ],
)
def test_what_never_comes_is_told_with_the_mend(cron: str, reason: str) -> None:
    with pytest.raises(ScheduleBroken) as told:
        Schedule(cron).next_after(NEW_YEAR)

    assert str(told.value).startswith(f"{cron!r} says no time that ever comes: {reason}; write minute, hour, ")


@pytest.mark.parametrize("zone", ["Mars/Base", "", "Europe", "../etc/passwd", "/etc/passwd", "Europe/Ber\0lin"])
def test_a_zone_that_does_not_exist_is_told_with_the_mend(zone: str) -> None:
    with pytest.raises(ScheduleBroken) as told:
        Schedule("0 3 * * *", zone=zone).next_after(NEW_YEAR)

    assert str(told.value) == f'there is no time zone {zone!r}; write one as in "Europe/Berlin".'


def test_schedules_are_values() -> None:
    assert Schedule("0 3 * * *", arguments={"days": 3}) == Schedule("0 3 * * *", zone="UTC", arguments={"days": 3})
    assert Schedule("0 3 * * *") != Schedule("0 3 * * *", zone="Europe/Berlin")
    assert len({Schedule("0 3 * * *"), Schedule("0 3 * * *")}) == 1


def test_zones_are_known_where_the_system_knows_none() -> None:
    asked = (
        "from ports.schedule import *; print(Schedule('0 3 * * *', zone='Asia/Tokyo').next_after(datetime.now(UTC)))"
    )
    told = subprocess.run([sys.executable, "-c", asked], env={"PYTHONTZPATH": ""}, capture_output=True, check=True)

    assert told.stdout.endswith(b" 18:00:00+00:00\n")
