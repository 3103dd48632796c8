"""What memory adapters share: entities, changes and ledger rows, and how to undo a write."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ports.ledger import Entry
from ports.library import Entity


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an execution did to an entity: None before is an addition, None after a removal."""

    execution_id: UUID
    before: Entity | None
    after: Entity | None


@dataclass
class MemoryStore:
    """Everything kept, and the undo log of the transaction that is open."""

    entities: dict[type[Entity], dict[UUID, Any]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    held_keys: set[tuple[str, str, str]] = field(default_factory=set)
    undo: list[Callable[[], object]] = field(default_factory=list)

    def of(self, kind: type[Entity]) -> dict[UUID, Any]:
        """Return the entities of a kind, by id."""
        return self.entities.setdefault(kind, {})

    def put(self, change: Change) -> None:
        """Make a change, so that it can be undone."""
        entity = change.after or change.before
        if entity is None:
            return
        kept = self.of(type(entity))
        _replace(kept, entity.id, change.after)
        self.changes.append(change)
        self.undo += [self.changes.pop, lambda: _replace(kept, entity.id, change.before)]


def _replace(kept: dict[UUID, Any], id: UUID, entity: Entity | None) -> None:
    if entity is None:
        del kept[id]
    else:
        kept[id] = entity
