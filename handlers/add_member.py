"""Add a member to a space."""

from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import ActorName, AlreadyMember, Member
from ports.repo import EntityNotFound, Repo


class AddMember(ActionHandler, permission="member.add", problems=(EntityNotFound, PermissionMissing, AlreadyMember)):
    """Give an actor a role in a space."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")
    actor: ActorName = Arg(examples=["ada"])
    role: Literal["viewer", "editor", "admin"] = Arg(description="A viewer reads, an editor changes, an admin invites.")

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Member:
        return await self.repo.add(
            Member(id=self.execution.new_id(), space_id=self.space_id, actor=self.actor, role=self.role)
        )
