"""Executions in the background, for the suites of what queues and claims them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from ports.background import Later
from ports.ledger import Entry, State
from ports.work import Claimed, Ending, Held, Known
from tests.adapters.storage import Storage, entry_of

WORKER, OTHER_WORKER = UUID(int=501), UUID(int=502)
KNOWN = (Known(action="create_kit"),)
SUCCEEDED = Ending(state="succeeded", output='{"name": "Red"}')
FAILED = Ending(state="failed", problem='{"code": "internal_error"}')
CANCELLED = Ending(state="cancelled", problem='{"code": "execution_cancelled"}')


def number(n: int) -> UUID:
    return UUID(int=1000 + n)


def queued(n: int, actor: str = "tester", *, key: str | None = None, later: Later | None = None, **row: Any) -> Entry:
    """The row of that number; its keywords are fields of it, or of what is wished of it."""
    wishes = {name: row.pop(name) for name in [*row] if name in Later.__dataclass_fields__ and name != "priority"}
    entry = entry_of(number(n), actor, key=key)
    later = later or Later(**wishes)
    return replace(entry, state="queued", output=None, finished_at=None, arguments='{"a": 1}', later=later, **row)


async def put(storage: Storage, *entries: Entry) -> list[UUID]:
    """Queue them in one transaction."""
    async with storage.transaction("asker") as ports:
        return [await ports.queue.put(entry) for entry in entries]


async def claim(
    storage: Storage, *, most: int = 100, known: tuple[Known, ...] = KNOWN, worker: UUID = WORKER, lease: float = 60
) -> list[Claimed]:
    return await storage.work.claim(known, worker=worker, lease=lease, most=most)


async def claim_one(storage: Storage, *, lease: float = 60) -> Claimed:
    (claimed,) = await claim(storage, lease=lease)
    return claimed


async def end(storage: Storage, claimed: Claimed, ending: Ending = SUCCEEDED) -> None:
    async with storage.transaction() as ports:
        await ports.queue.end(claimed.id, claim=claimed.claim, ending=ending)


async def run(storage: Storage, ending: Ending = SUCCEEDED) -> list[UUID]:
    """Claim what is due and end it, until nothing is; return what was run, in that order."""
    ran = []
    while claimed := await claim(storage):
        for each in claimed:
            ran.append(each.id)
            await end(storage, each, ending)
    return ran


async def cancel(storage: Storage, n: int) -> State:
    async with storage.transaction() as ports:
        return await ports.queue.cancel(number(n))


async def states(storage: Storage, *numbers: int) -> list[State]:
    return [(await storage.job(number(n))).state for n in numbers]


def held(claimed: Claimed, progress: str | None = None) -> Held:
    return Held(id=claimed.id, claim=claimed.claim, progress=progress)
