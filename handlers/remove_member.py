"""Remove a member from a space."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import ActorName, Member, NotAMember, OwnerStays
from ports.repo import EntityNotFound, Repo
from ports.sharing import lock_members


class RemoveMember(
    ActionHandler,
    permission="member.remove",
    problems=(EntityNotFound, PermissionMissing, NotAMember, OwnerStays),
):
    """Take an actor's role in a space away; it holds for what they do from then on and for what is under way."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")
    actor: ActorName = Arg(examples=["ada"])

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Member:
        _, member = await lock_members(self.repo, self.space_id, self.execution.caller.actor, self.actor)
        if member.role == "owner":
            raise OwnerStays
        await self.repo.remove(member)
        return member
