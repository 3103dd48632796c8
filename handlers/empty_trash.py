"""Empty the trash of a kit."""

from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import writable
from ports.library import Kit, KitArchived
from ports.repo import EntityNotFound, Repo
from ports.trash import purge


@dataclass(frozen=True, kw_only=True)
class EmptiedTrash:
    """How many assets were in it."""

    assets_removed: int


class EmptyTrash(
    ActionHandler,
    permission="asset.purge",
    idempotent=True,
    problems=(EntityNotFound, PermissionMissing, KitArchived),
    timeout=600.0,
):
    """Remove all assets in the trash of a kit for good, with their tags; their history stays."""

    repo: Repo
    checkpoint: Checkpoint

    kit_id: UUID = Arg(description="The kit.")

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)

    async def execute(self) -> EmptiedTrash:
        kit = writable(await self.repo.lock(Kit, self.kit_id))
        return EmptiedTrash(assets_removed=await purge(self.repo, kit_id=kit.id, removed_at=...))
