"""Archive a kit."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import writable
from ports.library import Kit, KitArchived
from ports.repo import EntityNotFound, Repo


class ArchiveKit(ActionHandler, permission="kit.archive", problems=(EntityNotFound, PermissionMissing, KitArchived)):
    """Archive a kit: nothing in it changes and no list of kits shows it, until it is restored. It keeps its name."""

    repo: Repo
    checkpoint: Checkpoint

    kit_id: UUID = Arg(description="The kit.")

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)

    async def execute(self) -> Kit:
        kit = writable(await self.repo.lock(Kit, self.kit_id))
        return await self.repo.save(replace(kit, archived_at=self.execution.at))
