"""Remove a member from a space."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import ActorName, Member, NotAMember, OwnerStays
from ports.repo import EntityNotFound, Repo, VersionMismatch


class RemoveMember(
    ActionHandler,
    permission="member.remove",
    problems=(EntityNotFound, PermissionMissing, NotAMember, OwnerStays, VersionMismatch),
):
    """Take an actor's role in a space away; it holds for what they do from then on and for what is under way."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")
    actor: ActorName = Arg(examples=["ada"])

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Member:
        found = await self.repo.find(Member, space_id=self.space_id, actor=self.actor)
        if not found.items:
            raise NotAMember(actor=self.actor)
        member = await self.repo.lock(Member, found.items[0].id)
        if member.role == "owner":
            raise OwnerStays
        await self.repo.remove(member)
        return member
