"""I1 to I4, I6 and I7 of the ledger, and that each failure is reported as what it was."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pydantic_core import from_json, to_json

from ports.action import Caller
from ports.library import KitNameTaken
from tests.service.conftest import Bench

SLOW_COMMIT = """
create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return null; end $$;
create constraint trigger linger after insert on kits deferrable initially deferred
for each row execute function linger();
"""


async def eventually(holds: Callable[[], Awaitable[object]], *, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.01)


async def test_an_accepted_write_has_one_row_its_effect_and_its_change(bench: Bench) -> None:
    outcome = await bench.keep("Red")

    assert outcome.state == "succeeded"
    assert await bench.kits() == ["Red"]
    assert await bench.states() == [("keep_kit", "succeeded", None)]
    changes = await bench.rows(
        "select c.entity_kind, c.before, c.after->>'name', c.execution_id = e.id from changes c, executions e"
    )
    assert changes == [("kit", None, "Red", True)]


@pytest.mark.parametrize(
    ("then", "state", "code"),
    [
        ("problem", "rejected", "kit_name_taken"),
        ("retryable", "rejected", "contended"),
        ("bug", "failed", "internal_error"),
        ("wrong_output", "failed", "internal_error"),
    ],
)
@pytest.mark.parametrize("key", [None, "key-1"])
async def test_a_failure_leaves_its_row_and_nothing_else(
    bench: Bench, then: str, state: str, code: str, key: str | None
) -> None:
    outcome = await bench.keep("Red", then=then, key=key)

    assert (outcome.state, outcome.problem and outcome.problem.code) == (state, code)
    assert await bench.kits() == []
    assert await bench.rows("select 1 from changes") == []
    assert await bench.states() == [("keep_kit", state, code)]


async def test_a_bug_is_logged_with_its_cause_and_tells_the_caller_nothing(bench: Bench) -> None:
    outcome = await bench.keep("Red", then="bug")

    assert b"canary" not in outcome.body
    assert b"ZeroDivision" not in outcome.body
    record = bench.log.records[-1]
    assert record["level"] == "error"
    assert isinstance(record["exc_info"], ZeroDivisionError)


async def test_what_takes_too_long_is_stopped_and_undone(bench: Bench) -> None:
    outcome = await bench.runner().run("be_slow", {"space_id": bench.space_id})

    assert outcome.problem is not None
    assert (outcome.state, outcome.problem.code) == ("failed", "timed_out")
    assert await bench.kits() == []
    assert await bench.states() == [("be_slow", "failed", "timed_out")]


async def test_a_cancelled_execution_is_undone_and_on_record(bench: Bench) -> None:
    task = asyncio.create_task(bench.keep("Red", then="park"))
    await eventually(lambda: _is(bool(bench.progress.reports)))

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await bench.kits() == []
    assert [state for _, state, _ in await bench.states()] == ["cancelled"]
    assert bench.log.records[-1]["state"] == "cancelled"


async def test_a_cancelled_commit_is_reported_as_what_it_was(bench: Bench) -> None:
    await bench.service.introductions.introduce(Caller(actor="owner"))  # the next commit is the action's
    await _as_owner(bench, SLOW_COMMIT)
    task = asyncio.create_task(bench.keep("Red"))
    await eventually(lambda: _committing(bench))

    task.cancel()
    await asyncio.wait([task])

    assert bench.log.records[-1]["state"] == "succeeded"
    assert await bench.kits() == ["Red"]
    assert await bench.states() == [("keep_kit", "succeeded", None)]


async def test_a_replayed_key_returns_the_same_bytes_and_changes_nothing(bench: Bench) -> None:
    first = await bench.keep("Red", key="key-1")
    again = await bench.keep("Red", key="key-1")

    assert (again.body, again.replayed, again.output) == (first.body, True, first.output)
    assert await bench.states() == [("keep_kit", "succeeded", None)]


async def test_a_replayed_problem_is_the_same_problem(bench: Bench) -> None:
    first = await bench.keep("Red", then="problem", key="key-1")
    again = await bench.keep("Red", then="problem", key="key-1")

    assert again.body == first.body
    assert isinstance(again.problem, KitNameTaken)
    assert again.problem.name == "Red"


@pytest.mark.parametrize("then", ["retryable", "bug"])
async def test_what_may_be_tried_again_does_not_keep_the_key(bench: Bench, then: str) -> None:
    await bench.keep("Red", then=then, key="key-1")

    assert (await bench.keep("Red", key="key-1")).state == "succeeded"


async def test_a_key_with_other_arguments_is_refused(bench: Bench) -> None:
    await bench.keep("Red", key="key-1")
    other = await bench.keep("Blue", key="key-1")

    assert other.problem is not None
    assert other.problem.code == "idempotency_key_reused"
    assert await bench.kits() == ["Red"]


async def test_keys_of_different_actors_are_different_keys(bench: Bench) -> None:
    await bench.keep("Red", key="key-1")
    sent = {"space_id": bench.space_id, "name": "Blue"}

    assert (await bench.runner("other").run("keep_kit", sent, key="key-1")).state == "succeeded"


async def test_a_second_request_with_a_key_in_flight_hears_so_at_once(bench: Bench) -> None:
    parked = asyncio.create_task(bench.keep("Red", then="park", key="key-1"))
    await eventually(lambda: _is(bool(bench.progress.reports)))

    async with asyncio.timeout(2):
        second = await bench.keep("Red", then="park", key="key-1")

    assert second.problem is not None
    assert second.problem.code == "idempotency_key_in_use"
    parked.cancel()
    await asyncio.wait([parked])


async def test_an_action_whose_row_cannot_be_written_fails(bench: Bench) -> None:
    await _as_owner(
        bench,
        "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;"
        "create trigger refuse before insert on executions for each row execute function refuse();",
    )

    outcome = await bench.keep("Red")

    assert outcome.state == "failed"
    assert await bench.kits() == []


async def test_a_secret_is_on_no_record(bench: Bench) -> None:
    outcome = await bench.runner().run("keep_secret", {"name": "n", "password": "hunter2", "pasword": "hunter2"})
    assert outcome.state == "rejected"
    outcome = await bench.runner().run("keep_secret", to_json({"name": "n", "password": "hunter2"}))
    assert outcome.state == "succeeded"
    await bench.runner().run("no_such_action", {"password": "hunter2"})
    told = await bench.runner().run("tell_secret", {})

    assert told.output == "hunter2"
    assert "hunter2" not in repr(bench.log.records)
    assert "hunter2" not in repr(await bench.rows("select to_jsonb(executions)::text from executions"))


@pytest.mark.parametrize(("action", "sent"), [("keep_secret", {"name": "n", "password": "p"}), ("tell_secret", {})])
async def test_what_is_secret_cannot_be_replayed_and_says_so(
    bench: Bench, action: str, sent: dict[str, object]
) -> None:
    outcome = await bench.runner().run(action, sent, key="key-1")

    assert outcome.problem is not None
    assert outcome.problem.code == "idempotency_key_refused"


async def test_a_problem_in_a_child_that_the_parent_catches_undoes_the_child_alone(bench: Bench) -> None:
    outcome = await bench.runner().run("keep_two", {"space_id": bench.space_id})

    assert outcome.output == 2
    assert await bench.kits() == ["own", "second"]
    assert await bench.states() == [
        ("keep_two", "succeeded", None),
        ("keep_kit", "rejected", "kit_name_taken"),
        ("keep_kit", "succeeded", None),
    ]
    parents = await bench.rows("select parent_id is null, count(*) from executions group by 1 order by 1")
    assert parents == [(False, 2), (True, 1)]


async def test_a_bug_in_a_child_undoes_all(bench: Bench) -> None:
    outcome = await bench.runner().run("keep_two", {"space_id": bench.space_id, "first": "bug"})

    assert outcome.state == "failed"
    assert await bench.kits() == []
    assert await bench.states() == [("keep_two", "failed", "internal_error")]


async def test_scopes_are_checked_before_any_stored_answer(bench: Bench) -> None:
    await bench.keep("Red", key="key-1")
    sent = {"space_id": bench.space_id, "name": "Red"}

    outcome = await bench.runner("owner", "asset.*").run("keep_kit", sent, key="key-1")

    assert outcome.problem is not None
    assert outcome.problem.code == "scope_missing"
    assert (await bench.states())[-1] == ("keep_kit", "rejected", "scope_missing")


async def test_every_execution_leaves_its_two_records(bench: Bench) -> None:
    await bench.keep("Red")
    await bench.runner().run("no_such_action", b"{}")
    await bench.runner().run("keep_kit", b"not json")
    await bench.runner().run("echo", {"text": "hello"})

    events = [(record["event"], record["action"]) for record in bench.log.records]
    assert events == [
        (event, action)
        for action in ("keep_kit", "no_such_action", "keep_kit", "echo")
        for event in ("action.submitted", "action.completed")
    ]
    assert [record.get("state") for record in bench.log.records[1::2]] == [
        "succeeded",
        "rejected",
        "rejected",
        "succeeded",
    ]
    assert len(await bench.states()) == 1, "reading, an unknown action and invalid arguments leave no row"


async def test_the_problem_document_is_complete(bench: Bench) -> None:
    document = from_json((await bench.keep("Red", then="problem")).body)

    assert {"type", "title", "status", "detail", "instance", "code", "retryable", "trace_id", "name"} <= document.keys()
    assert document["type"] == "/problems/kit_name_taken"


async def _as_owner(bench: Bench, sql: str) -> None:
    from sqlalchemy import text  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    engine = create_async_engine(bench.service.engine.url.set(username="actionbus_owner"))
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(sql)
        await connection.execute(text("select 1"))
    await engine.dispose()


async def _committing(bench: Bench) -> bool:
    """Whether a commit lingers in this database; others' go by, and so does one that is not slow."""
    lingering = "query like '%commit' and wait_event = 'PgSleep' and datname = current_database()"
    return bool(await bench.rows(f"select 1 from pg_stat_activity where {lingering}"))


async def _is(value: bool) -> bool:  # noqa: FBT001
    return value
