"""The trash of a kit: assets that were removed, until they are restored or removed for good."""

from typing import Any
from uuid import UUID

from ports.library import Asset, AssetRemoved
from ports.problem import Conflict
from ports.repo import Repo, every
from ports.tags import Tagging


class AssetNotRemoved(Conflict):
    """The asset is not in the trash, so there is nothing to restore."""

    asset_id: UUID


class SectionGone(Conflict):
    """The section that held the asset was removed.

    Name another with `section_id`.
    """

    asset_id: UUID


def kept(asset: Asset) -> Asset:
    """Return it, or raise `AssetRemoved`."""
    if asset.removed_at is not None:
        raise AssetRemoved(asset_id=asset.id)
    return asset


async def purge(repo: Repo, **equal: Any) -> int:
    """Remove the assets whose fields equal these for good, each after what refers to it; return how many they were."""
    count = 0
    async for asset in every(repo, Asset, **equal):
        async for tagging in every(repo, Tagging, asset_id=asset.id):
            await repo.remove(tagging)
        await repo.remove(asset)
        count += 1
    return count
