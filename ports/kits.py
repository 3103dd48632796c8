"""Working in kits: one writer at a time, none once it is archived, and sections without gaps."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from ports.checkpoint import InSpace
from ports.library import Asset, Kit, KitArchived, Section
from ports.problem import Conflict, Invalid
from ports.repo import Repo, not_found


class KitNotArchived(Conflict):
    """The kit is not archived, so there is nothing to restore."""

    kit_id: UUID


class SpaceInUse(Conflict):
    """The space has kits that are not archived.

    Archive them first: what is in use is not deleted.
    """

    kit_count: int


class TargetMissing(Invalid):
    """The assets are to move, but to no other section.

    Name one with `to_section_id`.
    """


def writable(kit: Kit) -> Kit:
    """Return it, or raise `KitArchived`."""
    if kit.archived_at is not None:
        raise KitArchived(kit_id=kit.id)
    return kit


async def lock_kits(repo: Repo, *holding: Section | Asset) -> None:
    """Lock the kits that hold these, always in the same order, so that two who lock do not wait for each other.

    Raise `EntityNotFound` or `KitArchived`. What was read of these before may have changed until the lock was there.
    """
    for kit_id in sorted({each.kit_id for each in holding}):
        writable(await repo.lock(Kit, kit_id))


async def section_beside(repo: Repo, section_id: UUID, /, *, of: InSpace) -> Section:
    """Return a section of the same space, or raise `EntityNotFound`: one of another space is as if not there."""
    section = await repo.get(Section, section_id)
    if section.space_id != of.space_id:
        raise not_found(Section, section_id)
    return section


def misplaced(sections: Sequence[Section]) -> list[Section]:
    """Return those that do not have the position at which they stand here, each with that position."""
    return [replace(each, position=n) for n, each in enumerate(sections) if each.position != n]
