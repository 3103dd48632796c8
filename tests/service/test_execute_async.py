"""Asking for an action in the background from Python, and waiting for it, with a worker in this process."""

import asyncio
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID

import pytest

from ports.actions import ExecutionCancelled, InternalError
from ports.argument import InvalidArguments
from ports.background import BackgroundRefused
from ports.checkpoint import ScopeMissing
from ports.executions import ExecutionEnded
from ports.library import Kit, KitNameTaken
from ports.repo import EntityNotFound
from ports.unit_of_work import DatabaseUnavailable
from service.async_calls import Handle
from service.watched import watched
from tests.conftest import Cluster
from tests.service.at_work import at_work
from tests.service.background import with_real_actions
from tests.service.conftest import Bench
from tests.service.test_ledger_invariants import eventually


def sent(bench: Bench, name: str = "Red", then: str = "end") -> dict[str, object]:
    return {"space_id": bench.space_id, "name": name, "then": then}


async def test_a_handle_is_awaited_as_the_action_would_have_been(bench: Bench) -> None:
    async with at_work(bench.service):
        handle = await bench.runner().execute_async("keep_kit", sent(bench), returns=Kit)
        kit = await handle

    assert (kit.name, kit.space_id) == ("Red", bench.space_id)
    assert (await handle.result(), (await handle.record()).state) == (kit, "succeeded")
    assert await bench.kits() == ["Red"]
    assert await bench.rows("select id from executions") == [(handle.id,)]


async def test_nothing_runs_before_there_is_a_worker_and_waiting_ends_in_time(bench: Bench) -> None:
    handle = await bench.runner().execute_async("keep_kit", sent(bench))

    assert ((await handle.record()).state, await bench.kits()) == ("queued", [])
    with pytest.raises(TimeoutError):
        await handle.result(timeout=0.2)
    async with at_work(bench.service):
        assert (await handle).name == "Red"


@pytest.mark.parametrize(
    ("then", "kind"), [("problem", KitNameTaken), ("bug", InternalError), ("wrong_output", InternalError)]
)
async def test_what_goes_wrong_later_is_raised_by_who_waits(bench: Bench, then: str, kind: type[Exception]) -> None:
    async with at_work(bench.service):
        handle = await bench.runner().execute_async("keep_kit", sent(bench, then=then))
        with pytest.raises(kind) as raised:
            await handle

    assert await bench.kits() == []
    if isinstance(raised.value, KitNameTaken):
        assert raised.value.name == "Red"


async def test_mistakes_are_told_at_once_and_leave_nothing(bench: Bench) -> None:
    with pytest.raises(InvalidArguments):
        await bench.runner().execute_async("keep_kit", {"space_id": bench.space_id})
    with pytest.raises(ScopeMissing):
        await bench.runner("owner", "kit.read").execute_async("keep_kit", sent(bench))
    for action, arguments in (("echo", {"text": "a"}), ("keep_secret", {"name": "a", "password": "b"})):
        with pytest.raises(BackgroundRefused):
            await bench.runner().execute_async(action, arguments)

    assert [state for _, state, _ in await bench.states() if state == "queued"] == []


async def test_an_output_of_another_type_is_a_mistake_of_who_asks(bench: Bench) -> None:
    async with at_work(bench.service):
        handle = await bench.runner().execute_async("keep_kit", sent(bench), returns=str)
        with pytest.raises(TypeError, match="keep_kit returns Kit, not str"):
            await handle


async def test_asked_with_the_same_key_it_is_the_same_execution(bench: Bench) -> None:
    first = await bench.runner().execute_async("keep_kit", sent(bench), key="k")
    second = await bench.runner().execute_async("keep_kit", sent(bench), key="k")
    async with at_work(bench.service):
        assert (first.id, await first) == (second.id, await second)
        third = await bench.runner().execute_async("keep_kit", sent(bench), returns=Kit, key="k")
        assert (third.id, await third) == (first.id, await first)


async def test_a_key_that_was_used_in_the_foreground_stands_for_that_execution(bench: Bench) -> None:
    kit = await bench.runner().execute("keep_kit", sent(bench), returns=Kit, key="k")
    handle = await bench.runner().execute_async("keep_kit", sent(bench), returns=Kit, key="k")

    assert await handle == kit
    assert await bench.rows("select id, state from executions") == [(handle.id, "succeeded")]
    assert handle.id != kit.id


async def test_how_it_is_to_be_run_is_wished_at_the_call(bench: Bench) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    handle = await bench.runner().execute_async("keep_kit", sent(bench), at=tomorrow, priority=7)

    assert await bench.rows("select id, run_at, priority from executions") == [(handle.id, tomorrow, 7)]


async def test_its_records_are_watched_as_they_change(bench: Bench) -> None:
    handle = await bench.runner().execute_async("keep_kit", sent(bench))
    records = handle.progress()
    states = [(await anext(records)).state]
    async with at_work(bench.service):
        states += [record.state async for record in records]

    assert (states[0], states[-1]) == ("queued", "succeeded")
    assert states.count("succeeded") == 1


async def test_within_an_action_there_is_no_waiting_for_another(bench: Bench) -> None:
    told = await bench.runner().execute("call_later", {"space_id": bench.space_id}, returns=str)

    assert "use `enqueue`" in told
    assert [state for _, state, _ in await bench.states()] == ["succeeded"]


async def test_what_is_not_on_record_has_no_record(bench: Bench) -> None:
    with pytest.raises(EntityNotFound):
        await Handle(bench.runner(), UUID(int=5), object).record()


async def test_what_waits_is_cancelled_at_once_and_who_waits_is_told(bench: Bench) -> None:
    handle = await with_real_actions(bench).runner().execute_async("keep_kit", sent(bench))
    waiting = asyncio.create_task(handle.result())

    assert await handle.cancel() == "cancelled"
    with pytest.raises(ExecutionCancelled):
        await waiting
    assert (await handle.record()).state == "cancelled"


async def test_what_runs_is_cancelled_within_a_second_or_so_and_undone(bench: Bench) -> None:
    handle = await with_real_actions(bench).runner().execute_async("keep_kit", sent(bench, then="park"))
    async with at_work(bench.service):
        async for record in handle.progress():
            if record.progress:
                break
        assert await handle.cancel() == "running"
        with pytest.raises(ExecutionCancelled):
            await handle.result(timeout=5)

    assert (await bench.kits(), await handle.cancel()) == ([], "cancelled")


async def test_what_has_ended_otherwise_cannot_be_cancelled(bench: Bench) -> None:
    handle = await with_real_actions(bench).runner().execute_async("keep_kit", sent(bench))
    async with at_work(bench.service):
        await handle
    with pytest.raises(ExecutionEnded) as raised:
        await handle.cancel()

    assert raised.value.state == "succeeded"


async def test_who_watches_from_a_terminal_sees_how_far_it_has_come_and_may_leave(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    bench.service.settings = bench.service.settings.model_copy(update={"shutdown_seconds": 0})
    handle = await bench.runner().execute_async("keep_kit", sent(bench, then="park"))
    async with at_work(bench.service):
        watching = asyncio.create_task(watched(bench.runner(), handle.id))
        await eventually(lambda: _shows(shown, "1 parked"))
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching

    assert shown.getvalue().endswith(f"1 parked\nIt goes on; `actionbus watch {handle.id}` watches it again.\n")
    assert (await handle.record()).state in ("queued", "running")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


async def _shows(terminal: Terminal, text: str) -> object:
    return text in terminal.getvalue()


async def test_who_waits_outlasts_a_database_that_is_away(bench: Bench, cluster: Cluster) -> None:
    handle = await bench.runner().execute_async("keep_kit", sent(bench), returns=Kit)
    waiting = asyncio.create_task(handle.result())
    name = bench.service.engine.url.database
    await cluster.run(f"alter database {name} allow_connections false")
    gone = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
    await cluster.run(gone)
    with pytest.raises(DatabaseUnavailable):
        await handle.record()
    await cluster.run(f"alter database {name} allow_connections true")
    async with at_work(bench.service):
        assert (await waiting).name == "Red"


async def test_what_was_queued_under_an_arguments_former_name_is_run(bench: Bench) -> None:
    handle = await bench.runner().execute_async("label_kit", {"space_id": bench.space_id, "name": "Red"}, returns=Kit)
    renamed = "update executions set arguments = arguments - 'name' || jsonb_build_object('title', arguments->'name')"
    async with bench.service.engine.begin() as connection:
        await connection.exec_driver_sql(renamed)  # as the older code has left it
    async with at_work(bench.service):
        assert (await handle).name == "Red"


async def test_what_fits_no_more_is_rejected(bench: Bench) -> None:
    handle = await bench.runner().execute_async("label_kit", {"space_id": bench.space_id, "name": "Red"}, returns=Kit)
    async with bench.service.engine.begin() as connection:
        await connection.exec_driver_sql("update executions set arguments = arguments - 'name' || '{\"label\": \"a\"}'")
    async with at_work(bench.service):
        with pytest.raises(InvalidArguments) as raised:
            await handle

    assert [error.pointer for error in raised.value.errors] == ["/name", "/label"]
    assert (await handle.record()).state == "rejected"
