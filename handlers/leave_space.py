"""Leave a space."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import Member, NotAMember, OwnerStays
from ports.repo import EntityNotFound, Repo
from ports.sharing import lock_members


class LeaveSpace(
    ActionHandler, permission="space.read", problems=(EntityNotFound, PermissionMissing, NotAMember, OwnerStays)
):
    """Give up your role in a space. Every member may but the owner, who transfers the ownership first."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Member:
        [member] = await lock_members(self.repo, self.space_id, self.execution.caller.actor)
        if member.role == "owner":
            raise OwnerStays
        await self.repo.remove(member)
        return member
