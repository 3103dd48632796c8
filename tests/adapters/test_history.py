"""What every history promises, and by which indexes the one in PostgreSQL keeps it."""

import asyncio
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest
from pydantic_core import from_json, to_json

from adapters.postgres.history import CHANGES, RECORD, listed_by
from adapters.postgres.tables import TABLES
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.action import Caller
from ports.attempts import FailedAttempt, ProblemRecord, ProgressRecord
from ports.background import Later
from ports.cursor import InvalidCursor, cursor_after
from ports.difference import EntityFields
from ports.history import ChangeRecord, EntityKind, Excerpt, ExecutionRecord, ExecutionSummary
from ports.ledger import Entry
from ports.library import Kit, Space
from ports.repo import EntityNotFound
from ports.uuid7 import uuid7
from ports.work import Ending, Held, Known
from service.database import Database
from tests.adapters.storage import PostgresStorage, Storage, entry_of, keep
from tests.conftest import POSTGRES, Cluster
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, SPACE, TAG, TAGGING, UPLOAD

AT = datetime(2026, 1, 1, tzinfo=UTC)
REMOVED = datetime(2026, 7, 1, 12, 30, 0, 250_000, tzinfo=UTC)
ADA, BOB = Caller(actor="ada", via="robot", entry_point="http"), Caller(actor="bob")
PROBLEM = '{"code": "kit_name_taken", "name": "Red"}'
UNKNOWN = UUID(int=99)


def entry(number: int, caller: Caller = ADA, space_id: UUID | None = SPACE.id, **fields: Any) -> Entry:
    return replace(entry_of(UUID(int=1000 + number)), caller=caller, space_id=space_id, **fields)


async def record(storage: Storage, *entries: Entry) -> None:
    async with storage.transaction("founder") as ports:
        for each in entries:
            await ports.ledger.write(each)


async def queue(storage: Storage, *entries: Entry) -> None:
    async with storage.transaction("founder") as ports:
        for each in entries:
            await ports.queue.put(each)


async def told_of(storage: Storage, number: int) -> ExecutionRecord:
    async with storage.transaction(readonly=True) as ports:
        return await ports.history.execution(UUID(int=1000 + number))


async def changes_of(storage: Storage, kind: str, id: UUID, **page: Any) -> Excerpt[ChangeRecord]:
    async with storage.transaction(readonly=True) as ports:
        return await ports.history.changes_of(kind, id, **page)


async def executions(storage: Storage, **filters: Any) -> Excerpt[ExecutionSummary]:
    async with storage.transaction(readonly=True) as ports:
        return await ports.history.executions(**filters)


async def numbers(storage: Storage, **filters: Any) -> list[int]:
    return [execution.id.int - 1000 for execution in (await executions(storage, **filters)).items]


async def renamed(storage: Storage, *names: str) -> None:
    """Rename the kit, each time by an execution of its own."""
    for name in names:
        async with storage.transaction() as ports:
            await ports.repo.save(replace(await ports.repo.get(Kit, KIT.id), name=name))


async def test_the_changes_of_an_entity_are_its_story(storage: Storage) -> None:
    kept = await keep(storage, SPACE, KIT, replace(KIT, id=UNKNOWN, name="Other"))
    async with storage.transaction() as ports:
        saved = await ports.repo.save(replace(KIT, name="Red"))
    async with storage.transaction() as last:
        await last.repo.remove(saved)

    found = await changes_of(storage, "kit", KIT.id)

    brand: EntityFields = {
        "id": str(KIT.id),
        "version": 1,
        "space_id": str(SPACE.id),
        "name": "Brand",
        "visibility": "private",
        "archived_at": None,
    }
    red: EntityFields = {**brand, "name": "Red", "version": 2}
    told: Any = {
        "action": "create_kit", "actor": "tester", "actor_name": None, "kind": "kit", "entity_id": KIT.id, "at": AT,
        "space_id": SPACE.id,
    }  # fmt: skip
    assert found == Excerpt(
        items=[
            ChangeRecord(execution_id=kept, before=None, after=brand, **told),
            ChangeRecord(execution_id=ports.execution_id, before=brand, after=red, **told),
            ChangeRecord(execution_id=last.execution_id, before=red, after=None, **told),
        ],
        next_cursor=None,
    )


async def test_what_is_part_of_an_entity_is_in_its_story(storage: Storage) -> None:
    await keep(storage, SPACE, KIT, SECTION, ASSET, TAG)
    other = replace(TAGGING, id=UNKNOWN, asset_id=UNKNOWN)
    await keep(storage, replace(ASSET, id=UNKNOWN, name="other.svg"), TAGGING, other)
    async with storage.transaction() as ports:
        await ports.repo.remove(TAGGING)

    story = (await changes_of(storage, "asset", ASSET.id)).items

    assert [(each.kind, each.entity_id, each.after is None) for each in story] == [
        ("asset", ASSET.id, False), ("tagging", TAGGING.id, False), ("tagging", TAGGING.id, True),
    ]  # fmt: skip
    assert (await changes_of(storage, "kit", ASSET.id)).items == []


async def test_pages_of_a_story_hold_the_parts_in_their_place(storage: Storage) -> None:
    await keep(storage, SPACE, KIT, SECTION, ASSET, TAG, TAGGING)
    async with storage.transaction() as ports:
        await ports.repo.save(replace(ASSET, name="b.svg"))
        await ports.repo.remove(TAGGING)

    first = await changes_of(storage, "asset", ASSET.id, limit=2)
    second = await changes_of(storage, "asset", ASSET.id, limit=2, cursor=first.next_cursor)

    assert [each.kind for each in (*first.items, *second.items)] == ["asset", "tagging", "asset", "tagging"]
    assert second.next_cursor is None


async def test_an_actor_is_told_by_the_name_that_they_have(database_storage: PostgresStorage) -> None:
    async with database_storage.transaction() as ports:
        await ports.directory.see(Caller(actor="tester", name="The Tester"))
    await keep(database_storage, SPACE, KIT)

    (change,) = (await changes_of(database_storage, "kit", KIT.id)).items
    summary = (await executions(database_storage, actor="tester")).items[0]

    assert (change.actor_name, summary.actor_name) == ("The Tester", "The Tester")


async def test_a_time_is_told_in_utc_as_everywhere_else(storage: Storage) -> None:
    await keep(storage, SPACE, KIT, SECTION, replace(ASSET, removed_at=REMOVED))

    (change,) = (await changes_of(storage, "asset", ASSET.id)).items

    assert change.after is not None
    assert change.after["removed_at"] == "2026-07-01T12:30:00.250000Z"


async def test_fields_are_told_in_the_order_of_the_entity(storage: Storage) -> None:
    await keep(storage, SPACE, KIT, SECTION, ASSET)

    (change,) = (await changes_of(storage, "asset", ASSET.id)).items

    assert change.after is not None
    assert [*change.after] == [*vars(ASSET)]


async def test_what_a_server_elsewhere_wrote_before_a_migration_is_told_too(database_storage: PostgresStorage) -> None:
    execution_id = await keep(database_storage)
    unit = PostgresUnitOfWork(database_storage.engine)
    async with unit.transaction():
        await (await unit.driver()).execute(
            "insert into changes (execution_id, entity_kind, entity_id, after) values ($1, 'kit', $2, $3)",
            execution_id,
            KIT.id,
            '{"name": "Brand", "colour": "red", "archived_at": "2026-07-01T18:00:00.25+05:30"}',
        )

    (change,) = (await changes_of(database_storage, "kit", KIT.id)).items

    assert change.after == {"name": "Brand", "archived_at": "2026-07-01T12:30:00.250000Z", "colour": "red"}


async def test_what_lies_in_no_space_has_changes_without_one(storage: Storage) -> None:
    await keep(storage, UPLOAD)

    (change,) = (await changes_of(storage, "upload", UPLOAD.id)).items

    assert change.space_id is None


@pytest.mark.parametrize(("kind", "id"), [("kit", UNKNOWN), ("section", KIT.id), ("nothing", KIT.id)])
async def test_what_was_never_there_has_no_changes(storage: Storage, kind: str, id: UUID) -> None:
    await keep(storage, SPACE, KIT)

    assert await changes_of(storage, kind, id) == Excerpt[ChangeRecord](items=[], next_cursor=None)


async def test_what_was_rolled_back_did_not_happen(storage: Storage) -> None:
    await keep(storage, SPACE, KIT)

    with suppress(ZeroDivisionError):
        async with storage.transaction() as ports:
            await ports.repo.save(replace(KIT, name="Red"))
            raise ZeroDivisionError

    assert len((await changes_of(storage, "kit", KIT.id)).items) == 1


async def test_what_is_not_on_record_yet_is_not_told(storage: Storage) -> None:
    async with storage.transaction() as ports:
        await ports.repo.add(SPACE)

        assert (await ports.history.changes_of("space", SPACE.id)).items == []


async def test_pages_of_changes_follow_each_other_to_the_end(storage: Storage) -> None:
    await keep(storage, SPACE, KIT)
    await renamed(storage, *"abcde")

    first = await changes_of(storage, "kit", KIT.id, limit=2)
    second = await changes_of(storage, "kit", KIT.id, limit=2, cursor=first.next_cursor)
    third = await changes_of(storage, "kit", KIT.id, limit=2, cursor=second.next_cursor)

    names = [[change.after["name"] for change in page.items if change.after] for page in (first, second, third)]
    assert names == [["Brand", "a"], ["b", "c"], ["d", "e"]]
    assert third.next_cursor is None


async def test_a_page_of_changes_goes_on_while_more_happens(storage: Storage) -> None:
    await keep(storage, SPACE, KIT)
    await renamed(storage, "a", "b")
    first = await changes_of(storage, "kit", KIT.id, limit=2)
    await renamed(storage, "c")

    second = await changes_of(storage, "kit", KIT.id, limit=5, cursor=first.next_cursor)

    assert [change.after and change.after["name"] for change in second.items] == ["b", "c"]


async def test_a_cursor_tells_nothing_of_what_happens_elsewhere(storage: Storage) -> None:
    await keep(storage, SPACE, KIT, OTHER_SPACE, SECTION, ASSET, UPLOAD)
    await renamed(storage, "a")

    kit, space = (
        await changes_of(storage, "kit", KIT.id, limit=1),
        await changes_of(storage, "space", SPACE.id, limit=1),
    )
    again = await changes_of(storage, "kit", KIT.id, limit=1, cursor=cursor_after(UUID(int=1)))

    assert kit.next_cursor == cursor_after(UUID(int=1))
    assert space.next_cursor is None
    assert [change.after and change.after["name"] for change in again.items] == ["a"]


async def test_executions_of_a_space_are_listed_newest_first(storage: Storage) -> None:
    await record(storage, entry(2), entry(1, BOB), entry(3, space_id=OTHER_SPACE.id), entry(4, space_id=None))

    assert await numbers(storage, space_id=SPACE.id) == [2, 1]


async def test_executions_of_an_actor_are_those_of_every_space(storage: Storage) -> None:
    await record(storage, entry(1), entry(2, BOB), entry(3, space_id=OTHER_SPACE.id), entry(4, space_id=None))

    assert await numbers(storage, actor="ada") == [4, 3, 1]
    assert await numbers(storage, actor="ada", space_id=SPACE.id) == [1]
    assert await numbers(storage, actor="nobody") == []


async def test_executions_are_found_by_action_and_state(storage: Storage) -> None:
    rejected: Any = {"state": "rejected", "output": None, "problem": PROBLEM}
    await record(storage, entry(1), entry(2, action="rename_kit"), entry(3, **rejected), entry(4, BOB, **rejected))

    assert await numbers(storage, space_id=SPACE.id, action="rename_kit") == [2]
    assert await numbers(storage, space_id=SPACE.id, state="rejected") == [4, 3]
    assert await numbers(storage, actor="ada", action="create_kit", state="rejected") == [3]


async def test_without_a_filter_all_executions_are_listed(storage: Storage) -> None:
    await record(storage, entry(1), entry(2, BOB, space_id=OTHER_SPACE.id))

    assert {1, 2} < {*await numbers(storage)}


async def test_an_execution_without_a_grant_is_of_the_space_that_it_changed(storage: Storage) -> None:
    execution_id = await keep(storage, UPLOAD, SPACE)

    assert [execution.id for execution in (await executions(storage, space_id=SPACE.id)).items] == [execution_id]


async def test_pages_of_executions_follow_each_other_while_more_happens(storage: Storage) -> None:
    await record(storage, *(entry(number) for number in range(5)))

    first = await executions(storage, space_id=SPACE.id, limit=2)
    await record(storage, entry(7))
    second = await executions(storage, space_id=SPACE.id, limit=3, cursor=first.next_cursor)

    assert [execution.id.int - 1000 for execution in [*first.items, *second.items]] == [4, 3, 2, 1, 0]
    assert second.next_cursor is None


async def test_a_summary_is_an_execution_at_a_glance(storage: Storage) -> None:
    parent = entry(1)
    await record(storage, parent, entry(2, state="rejected", output=None, problem=PROBLEM, parent_id=parent.id))

    assert (await executions(storage, space_id=SPACE.id)).items[0] == ExecutionSummary(
        id=UUID(int=1002),
        action="create_kit",
        state="rejected",
        space_id=SPACE.id,
        actor="ada",
        actor_name=None,
        via="robot",
        entry_point="http",
        parent_id=parent.id,
        submitted_at=AT,
        finished_at=AT,
        problem_code="kit_name_taken",
    )


async def test_an_execution_is_told_with_what_was_asked_and_answered(storage: Storage) -> None:
    await record(storage, entry(1), entry(2, state="rejected", output=None, problem=PROBLEM))

    async with storage.transaction(readonly=True) as ports:
        succeeded = await ports.history.execution(UUID(int=1001))
        rejected = await ports.history.execution(UUID(int=1002))

    assert isinstance(succeeded, ExecutionRecord)
    assert (succeeded.state, succeeded.trace_id) == ("succeeded", "trace")
    assert (succeeded.arguments, succeeded.output, succeeded.problem) == ({"name": "Red"}, {"name": "Red"}, None)
    assert (rejected.output, rejected.problem) == (None, ProblemRecord.of(from_json(PROBLEM)))
    assert rejected.problem is not None
    assert (rejected.problem.code, rejected.problem.members) == ("kit_name_taken", {"name": "Red"})
    assert rejected.problem_code == "kit_name_taken"


async def test_what_was_run_at_once_had_one_attempt(storage: Storage) -> None:
    await record(storage, entry(1))

    async with storage.transaction(readonly=True) as ports:
        told = await ports.history.execution(UUID(int=1001))

    assert (told.run_at, told.started_at, told.attempt, told.failures) == (None, AT, 1, [])
    assert (told.queue, told.priority, told.progress, told.worker_id) == ("default", 0, None, None)
    assert (told.retry_of, told.cancel_requested) == (None, False)


async def test_what_is_in_the_background_is_told_with_its_attempts(storage: Storage) -> None:
    work, worker = storage.work, UUID(int=5)
    await record(storage, entry(1))
    later = Later(at=AT, priority=3, retry_of=UUID(int=1001))
    await queue(storage, entry(2, state="queued", later=later, queue="slow", finished_at=None))
    waiting = await told_of(storage, 2)
    [first] = await work.claim([Known(action="create_kit")], worker=worker, lease=60, most=1)
    async with storage.transaction() as ports:
        await ports.queue.end(first.id, claim=first.claim, ending=Ending(state="queued", problem=PROBLEM))
    [second] = await work.claim([Known(action="create_kit")], worker=worker, lease=60, most=1)
    progress = '{"done": 2, "total": 3, "note": "icons"}'
    await work.beat([Held(id=second.id, claim=second.claim, progress=progress)], lease=None)
    async with storage.transaction() as ports:
        await ports.queue.cancel(second.id)
    running = await told_of(storage, 2)

    assert (waiting.state, waiting.attempt, waiting.started_at, waiting.worker_id) == ("queued", 0, None, None)
    assert (waiting.run_at, waiting.queue, waiting.priority, waiting.retry_of) == (AT, "slow", 3, UUID(int=1001))
    assert (waiting.failures, waiting.progress, waiting.cancel_requested) == ([], None, False)
    assert (running.state, running.attempt, running.worker_id) == ("running", 2, worker)
    assert (running.started_at, running.cancel_requested) == (second.started_at, True)
    assert running.progress == ProgressRecord(done=2, total=3, note="icons")
    [failure] = running.failures
    assert failure == FailedAttempt(
        attempt=1, started_at=first.started_at, ended_at=failure.ended_at, problem=ProblemRecord.of(from_json(PROBLEM))
    )
    assert first.started_at <= failure.ended_at <= second.started_at


async def test_executions_are_found_by_time(storage: Storage) -> None:
    times = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    ids = [uuid7(at, 7) for at in times]
    await record(storage, *(replace(entry(0), id=each) for each in ids))

    async def found(**filters: Any) -> list[UUID]:
        return [each.id for each in (await executions(storage, space_id=SPACE.id, **filters)).items]

    assert await found(since=times[1]) == [ids[2], ids[1]]
    assert await found(until=times[1]) == [ids[0]]
    assert await found(since=times[1], until=times[2], action="create_kit") == [ids[1]]
    assert await found(since=datetime(1, 1, 1, tzinfo=UTC), until=datetime(9999, 1, 1, tzinfo=UTC)) == ids[::-1]
    page = await executions(storage, space_id=SPACE.id, since=times[1], limit=1)
    assert await found(since=times[1], cursor=page.next_cursor) == [ids[1]]


async def test_executions_are_found_by_queue_and_by_what_they_repeat(storage: Storage) -> None:
    first = UUID(int=1001)
    queued: Any = {"state": "queued", "output": None, "finished_at": None}
    await queue(
        storage, entry(1, queue="slow", later=Later(), **queued), entry(2, later=Later(retry_of=first), **queued)
    )
    await record(storage, entry(3))

    assert await numbers(storage, actor="ada", queue="slow") == [1]
    assert await numbers(storage, actor="ada", retry_of=first) == [2]
    assert await numbers(storage, actor="ada", unretried=True) == [2]
    assert await numbers(storage, actor="ada", unretried=True, queue="slow") == []


async def test_of_two_who_repeat_what_nobody_has_repeated_one_finds_it(storage: Storage) -> None:
    queued: Any = {"state": "queued", "output": None, "finished_at": None}
    await queue(storage, entry(1, later=Later(), **queued))

    async def repeated(number: int) -> int:
        async with storage.transaction() as ports:
            found = (await ports.history.executions(action="create_kit", unretried=True)).items
            for each in found:
                await ports.queue.put(entry(number, later=Later(retry_of=each.id), **queued))
        return len(found)

    assert sorted(await asyncio.gather(repeated(2), repeated(3))) == [1, 1]  # the other one finds that repetition
    assert len((await executions(storage, retry_of=UUID(int=1001))).items) == 1


async def test_arguments_are_told_whole(storage: Storage) -> None:
    arguments: dict[str, Any] = {"kit": {"name": "Red", "parts": [{"deep": [1, 2.5, None]}]}}
    await record(storage, entry(1, arguments=to_json(arguments).decode()))

    async with storage.transaction(readonly=True) as ports:
        assert await ports.history.arguments_of(UUID(int=1001)) == arguments
        with pytest.raises(EntityNotFound):
            await ports.history.arguments_of(UNKNOWN)


async def test_an_execution_that_is_not_there_is_a_problem(storage: Storage) -> None:
    async with storage.transaction(readonly=True) as ports:
        with pytest.raises(EntityNotFound) as raised:
            await ports.history.execution(UNKNOWN)

    assert (raised.value.kind, raised.value.id) == ("execution", UNKNOWN)


@pytest.mark.parametrize("cursor", ["next", "ä", "\0", cursor_after(UNKNOWN)[:20]])
async def test_a_cursor_that_no_page_gave_is_a_problem(storage: Storage, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await executions(storage, space_id=SPACE.id, cursor=cursor)
    with pytest.raises(InvalidCursor):
        await changes_of(storage, "kit", KIT.id, cursor=cursor)


async def test_a_cursor_of_executions_is_none_of_changes(storage: Storage) -> None:
    with pytest.raises(InvalidCursor):
        await changes_of(storage, "kit", KIT.id, cursor=cursor_after(UUID(int=2**127)))


def test_every_kind_that_lies_in_a_space_has_a_history_to_read() -> None:
    in_a_space = {kind for kind, table in TABLES.items() if kind is Space or "space_id" in table.columns}

    assert {*get_args(EntityKind)} == {kind.__name__.lower() for kind in in_a_space}


FILL = [
    """
    insert into executions (id, action, state, space_id, actor, scopes, entry_point, arguments, trace_id, submitted_at)
    select lpad(to_hex(n), 32, '0')::uuid, 'action' || n % 7, case when n % 50 = 0 then 'failed' else 'succeeded' end,
        lpad(to_hex(n % 20), 32, '0')::uuid, 'actor' || n % 30, '{}', 'http', '{}', '', now()
    from generate_series(1, 50000) n
    """,
    """
    insert into changes (execution_id, entity_kind, entity_id, part_of, after)
    select lpad(to_hex(n), 32, '0')::uuid, case when n % 2 = 0 then 'tagging' else 'asset' end,
        lpad(to_hex(n % 5000), 32, '0')::uuid, case when n % 2 = 0 then lpad(to_hex(n % 4999), 32, '0')::uuid end, '{}'
    from generate_series(1, 50000) n
    """,
    "analyze",
]
LISTS = {
    ("space_id",): (UUID(int=7),),
    ("space_id", "id"): (UUID(int=7), UUID(int=25_000)),
    ("space_id", "action", "state"): (UUID(int=7), "action3", "failed"),
    ("space_id", "since", "until"): (UUID(int=7), UUID(int=20_000), UUID(int=25_000)),
    ("space_id", "queue", "since", "id"): (UUID(int=7), "slow", UUID(int=20_000), UUID(int=25_000)),
    ("actor",): ("actor7",),
    ("actor", "until"): ("actor7", UUID(int=25_000)),
    ("actor", "id"): ("actor7", UUID(int=25_000)),
    ("actor", "state"): ("actor7", "failed"),
    (): (),
    ("id",): (UUID(int=25_000),),
}
RARE = {"state", "queue"}
INDEXES = {"space_id": "ix_executions_space_id_id", "actor": "ix_executions_actor_id"}


@POSTGRES
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_at_fifty_thousand_rows_an_index_answers(cluster: Cluster, database: Database, mode: str) -> None:
    name = str(database.service.database)
    await cluster.run(*FILL, database=name)

    async def plan(sql: str, *values: object) -> str:
        given = ", ".join(f"'{value}'" for value in values)
        asked = (f"set plan_cache_mode = {mode}", f"prepare asked as {sql}", f"explain execute asked({given})")
        return "\n".join(str(line) for (line,) in await cluster.run(*asked, database=name))

    for names, values in LISTS.items():
        planned = await plan(listed_by(names), *values, 51)
        assert INDEXES.get(names[0] if names else "", "pk_executions") in planned, planned
        assert "Seq Scan on executions" not in planned, planned
        assert "Sort" not in planned or not RARE.isdisjoint(names), (
            planned
        )  # rare ones may be sorted after they are found
    assert "pk_executions" in await plan(RECORD, UUID(int=7))
    assert "ix_executions_retry_of" in await plan(listed_by(("retry_of",)), UUID(int=7), 51)
    planned = await plan(listed_by(("actor", "state"), unretried=True), "actor7", "failed", 51)
    assert {"ix_executions_actor_id", "ix_executions_retry_of"} <= {*re.findall(r"ix_\w+", planned)}, planned
    planned = await plan(CHANGES, "asset", UUID(int=7), 0, 51, "{tagging}")
    assert {"ix_changes_entity", "ix_changes_part_of_id"} <= {*re.findall(r"ix_\w+", planned)}, planned
    assert "Seq Scan on changes" not in planned, planned
