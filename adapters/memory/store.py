"""What memory adapters share: entities, changes and ledger rows, and what the open transaction did to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self, TypeAlias
from uuid import UUID

from adapters.memory.locks import RowLocks
from ports.entity import Entity
from ports.ledger import Entry
from ports.timetable import Timing

Key: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an execution did to an entity: None before is an addition, None after a removal."""

    execution_id: UUID
    before: Entity | None
    after: Entity | None


@dataclass(frozen=True, kw_only=True)
class Retimed:
    """What was done to a line of the timetable: None before if it is new."""

    before: Timing | None
    after: Timing


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """What was done to a row that was there, or to a change: None after it went; `place` is where it is in its list."""

    place: int
    before: Entry | Change
    after: Entry | None


Written: TypeAlias = Change | Entry | Retimed | Rewritten


def now_in_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass
class MemoryStore:
    """Everything kept, and of one transaction what it wrote, the keys it claimed, and whether it may write at all.

    Rows of the ledger that it `holds` are locked until it ends. `clock` is what executions in the background are due
    by. Who `listens` is called after each transaction that wrote one.
    """

    entities: dict[type[Entity], dict[UUID, Any]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    timings: dict[str, Timing] = field(default_factory=dict)
    keys: set[Key] = field(default_factory=set)
    written: list[Written] = field(default_factory=list)
    claimed: set[Key] = field(default_factory=set)
    readonly: bool = False
    locks: RowLocks = field(default_factory=RowLocks)
    holds: set[UUID] = field(default_factory=set)
    listens: list[Callable[[], None]] = field(default_factory=list)
    clock: Callable[[], datetime] = now_in_utc

    def beside(self) -> Self:
        """Return the same store as another transaction has it, at the same time as this one; it sees all of this."""
        return replace(self, written=[], claimed=set(), holds=set(), readonly=False)

    def of(self, kind: type[Entity]) -> dict[UUID, Any]:
        """Return the entities of a kind, by id."""
        return self.entities.setdefault(kind, {})

    def write(self, what: Written) -> None:
        """Make a change, write a row or set a line, all to be undone; a RuntimeError where one may only read."""
        if self.readonly:
            raise RuntimeError("An action that is readonly has written.")
        match what:
            case Change():
                self.changes.append(what)
                self._replace(what.before, what.after)
            case Retimed():
                self.timings[what.after.action] = what.after
            case Rewritten():
                self._list_of(what)[what.place : what.place + 1] = [what.after] if what.after else []
            case Entry():
                self.entries.append(what)
        self.written.append(what)

    def rewrite(self, before: Entry | Change, after: Entry | None) -> None:
        """Put another row in the place of one, or take it, or a change, off the record without undoing it."""
        listed: Sequence[object] = self.entries if isinstance(before, Entry) else self.changes
        self.write(Rewritten(place=_place_of(before, listed), before=before, after=after))

    def entry(self, id: UUID) -> Entry | None:
        """Return the row of an execution, if there is one."""
        return next((entry for entry in self.entries if entry.id == id), None)

    async def lock(self, id: UUID) -> None:
        """Hold a row until this transaction ends, once no other one does."""
        if id not in self.holds:
            await self.locks.freed(id)
            self.hold(id)

    def hold(self, id: UUID) -> None:
        """Hold a row that no other transaction does."""
        if id not in self.holds:
            self.locks.take(id)
            self.holds.add(id)

    def is_held_elsewhere(self, id: UUID) -> bool:
        """Return whether another transaction holds the row."""
        return id in self.locks and id not in self.holds

    def undo(self, *, to: int) -> None:
        """Undo what was written last, until only the first `to` are left."""
        while len(self.written) > to:
            match self.written.pop():
                case Change() as change:
                    self.changes.remove(change)
                    self._replace(change.after, change.before)
                case Retimed(before=None, after=after):
                    del self.timings[after.action]
                case Retimed(before=Timing() as before):
                    self.timings[before.action] = before
                case Rewritten() as what:
                    self._restore(what)
                case Entry() as entry:
                    self.entries.remove(entry)

    def end(self) -> None:
        """End the transaction: what is written stands, its keys and rows are free, and who listens hears of it."""
        self.keys -= self.claimed
        for held in self.holds:
            self.locks.free(held)
        news = any(not isinstance(what, Change) for what in self.written)
        self.written, self.claimed, self.holds, self.readonly = [], set(), set(), False
        for hear in [*self.listens] if news else ():
            hear()

    def _restore(self, what: Rewritten) -> None:
        listed = self._list_of(what)
        if what.after is None:
            listed.insert(what.place, what.before)
        else:
            listed[_place_of(what.after, listed)] = what.before

    def _list_of(self, what: Rewritten) -> list[Any]:
        return self.entries if isinstance(what.before, Entry) else self.changes

    def _replace(self, old: Entity | None, new: Entity | None) -> None:
        if old is not None:
            del self.of(type(old))[old.id]
        if new is not None:
            self.of(type(new))[new.id] = new


def _place_of(what: object, listed: Sequence[object]) -> int:
    return next(place for place, each in enumerate(listed) if each is what)
