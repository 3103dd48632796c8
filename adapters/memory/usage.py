"""Usage in memory."""

from collections.abc import Collection, Mapping
from uuid import UUID

from adapters.memory.store import Change, MemoryStore
from ports.library import Asset
from ports.tags import Tagging
from ports.usage import Quota

UNLIMITED = Quota(max_assets=2**63, max_bytes=2**63)


class MemoryUsage:
    """Counts made whenever they are asked for; so what the execution has changed counts at once."""

    def __init__(self, store: MemoryStore, quota: Quota = UNLIMITED) -> None:
        self._store, self._quota = store, quota

    async def assets_of(self, ids: Collection[UUID], /) -> Mapping[UUID, int]:
        """See `Usage`."""
        kits = [asset.kit_id for asset in self._store.of(Asset).values() if asset.removed_at is None]
        tags = [tagging.tag_id for tagging in self._store.of(Tagging).values()]
        return {each: kits.count(each) + tags.count(each) for each in ids}

    async def settle(self) -> None:
        """See `Usage`."""
        before, after = self._held(before=True), self._held(before=False)
        for space_id in before.keys() | after.keys():
            (assets, size), (had, of_size) = after.get(space_id, (0, 0)), before.get(space_id, (0, 0))
            if assets > had or size > of_size:
                held = [asset for asset in self._store.of(Asset).values() if asset.space_id == space_id]
                self._quota.check(assets=len(held), size=sum(asset.size for asset in held))

    def _held(self, *, before: bool) -> dict[UUID, tuple[int, int]]:
        """Return how many assets, of how many bytes, the transaction took from each space, or gave to it."""
        held: dict[UUID, tuple[int, int]] = {}
        for change in self._store.written:
            entity = (change.before if before else change.after) if isinstance(change, Change) else None
            if isinstance(entity, Asset):
                assets, size = held.get(entity.space_id, (0, 0))
                held[entity.space_id] = (assets + 1, size + entity.size)
        return held
