"""Change a member's role."""

from dataclasses import replace
from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import ActorName, Member, NotAMember, OwnerStays
from ports.repo import EntityNotFound, Repo, VersionMismatch
from ports.sharing import lock_members


class ChangeMemberRole(
    ActionHandler,
    permission="member.edit",
    problems=(EntityNotFound, PermissionMissing, NotAMember, OwnerStays, VersionMismatch),
):
    """Give a member of a space another role; it holds for what they do from then on and for what is under way.

    The owner's role is not changed: `transfer_ownership` is for that.
    """

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")
    actor: ActorName = Arg(examples=["ada"])
    role: Literal["viewer", "editor", "admin"] = Arg(description="A viewer reads, an editor changes, an admin invites.")
    expected_version: int = Arg(
        ge=1, description="The member's `version` that you saw; if it has changed since, nothing is done."
    )

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Member:
        _, member = await lock_members(self.repo, self.space_id, self.execution.caller.actor, self.actor)
        # Who was demoted while this waited may not undo that.
        await self.checkpoint.require(self.permission, within=self.space_id)
        if member.role == "owner":
            raise OwnerStays
        return await self.repo.save(replace(member, role=self.role, version=self.expected_version))
