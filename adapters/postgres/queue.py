"""The queue in PostgreSQL: rows of the ledger in the state `queued`."""

from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from adapters.postgres.queue_statements import (
    AGAIN,
    ARGUE,
    END,
    FOLLOW,
    FOLLOWED,
    FREE,
    LOCKED,
    LOST,
    OUTPUTS,
    PUT,
    REQUEST,
    SAME,
)
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.actions import ExecutionCancelled
from ports.background import ClaimLost, Later, PredecessorFailed, UnknownPredecessor
from ports.ledger import OPEN, Entry, State
from ports.repo import EntityNotFound
from ports.work import Ending, Lost


class PostgresQueue:
    """Executions as rows; who commits one wakes a worker."""

    def __init__(self, unit: PostgresUnitOfWork) -> None:
        self._unit = unit

    async def put(self, entry: Entry) -> UUID:
        """See `Queue`."""
        later = entry.later or Later()
        if entry.parent_id and not (entry.unique_key or later.follows):
            self._unit.postponed.add(
                _columns(entry, later, waits_for=0)
            )  # at the latest its parent's row goes after it
            return entry.id
        driver = await self._unit.driver()
        open_ones = await self._followed(later)
        while True:
            row = await driver.fetchrow(PUT, *_columns(entry, later, waits_for=len(open_ones)))
            if row is not None:
                break
            if same := await driver.fetchval(SAME, entry.unique_key):
                return UUID(str(same))
        self._unit.transaction_id, self._unit.queued = row["transaction_id"], True
        if later.follows:
            await driver.execute(FOLLOW, entry.id, [*later.follows])
            if not open_ones:
                await self._let_go(entry.id, trace_id=entry.trace_id, claim=0, output_as=later.output_as)
        return entry.id

    async def cancel(self, id: UUID, /) -> State:
        """See `Queue`."""
        driver = await self._unit.driver()
        for row in await driver.fetch(LOCKED, [id]):
            if row["state"] == "queued":
                document = ExecutionCancelled().document(execution_id=id, trace_id=row["trace_id"])
                ending = Ending(state="cancelled", problem=_text(document))
                await self._end(id, row["claim"], ending, being="queued")
                return "cancelled"
            if row["state"] == "running":
                await driver.execute(REQUEST, id)
            state: State = row["state"]
            return state
        raise EntityNotFound(kind="execution", id=id)

    async def end(self, id: UUID, /, *, claim: int, ending: Ending) -> None:
        """See `Queue`."""
        await self._end(id, claim, ending, being="running")

    async def _end(self, id: UUID, claim: int, ending: Ending, *, being: State) -> None:
        if await self._write(id, claim, ending, being=being):
            await self._free(id)

    async def _write(self, id: UUID, claim: int, ending: Ending, *, being: State) -> bool:
        """Write the ending, and return whether any wait for it."""
        driver = await self._unit.driver()
        if ending.state == "queued":
            row = await driver.fetchrow(AGAIN, id, claim, ending.wait, ending.problem)
        else:
            said = (ending.state, ending.output, ending.problem, ending.space_id)
            row = await driver.fetchrow(END, id, claim, *said, being)
        if row is None:
            raise ClaimLost
        self._unit.transaction_id = row["transaction_id"]
        return bool(row["followed"])

    async def lost(self, *, most: int) -> list[Lost]:
        """See `Queue`."""
        return [Lost(**row) for row in await (await self._unit.driver()).fetch(LOST, most)]

    async def _followed(self, later: Later) -> list[UUID]:
        """Return which of those that are to be followed have not ended; they cannot end until this is committed."""
        if not later.follows:
            return []
        driver = await self._unit.driver()
        rows = await driver.fetch(LOCKED, [*later.follows])
        if len(rows) < len({*later.follows}):
            raise UnknownPredecessor
        still_open = [row["id"] for row in rows if row["state"] in OPEN]
        await driver.execute(FOLLOWED, still_open)
        return still_open

    async def _free(self, id: UUID) -> None:
        """Count down what follows it, and what follows those that end by that: chains may be of any length."""
        driver, ended = await self._unit.driver(), [id]
        for each in ended:
            for row in await driver.fetch(FREE, each):
                of = {name: row[name] for name in ("trace_id", "claim", "output_as")}
                if row["waits_for"] == 0 and await self._let_go(row["id"], **of):
                    ended.append(row["id"])
        self._unit.queued = True

    async def _let_go(self, id: UUID, *, trace_id: str, claim: int, output_as: str | None) -> bool:
        """Give an execution the outputs of those it follows, or end it if one of them did not succeed.

        Return whether it has ended, and any wait for it.
        """
        driver = await self._unit.driver()
        rows = await driver.fetch(OUTPUTS, id)
        if failed := next((row["id"] for row in rows if row["state"] != "succeeded"), None):
            document = PredecessorFailed(predecessor=failed).document(execution_id=id, trace_id=trace_id)
            return await self._write(id, claim, Ending(state="rejected", problem=_text(document)), being="queued")
        if output_as is not None:
            outputs = [from_json(row["output"] or "null") for row in rows]
            value = outputs[0] if len(outputs) == 1 else outputs
            await driver.execute(ARGUE, id, _text({output_as: value}))
        return False


def _columns(entry: Entry, later: Later, *, waits_for: int) -> tuple[Any, ...]:
    caller, priority = entry.caller, entry.priority if later.priority is None else later.priority
    return (
        entry.id, entry.action, caller.actor, caller.via, sorted(caller.scopes), caller.entry_point, entry.arguments,
        entry.parent_id, entry.trace_id, entry.submitted_at, entry.space_id, later.at, later.delay, priority,
        entry.queue, later.retry_of, entry.key, entry.fingerprint, entry.unique_key, waits_for, later.output_as,
    )  # fmt: skip


def _text(value: object) -> str:
    return to_json(value).decode()
