"""Transfer the ownership of a space."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import ActorName, Member, NotAMember
from ports.repo import EntityNotFound, Repo
from ports.sharing import lock_members


class TransferOwnership(
    ActionHandler,
    permission="space.transfer",
    idempotent=True,
    problems=(EntityNotFound, PermissionMissing, NotAMember),
):
    """Make another member the owner of a space, and yourself one of its admins; return the new owner.

    To make the owner its owner changes nothing.
    """

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")
    actor: ActorName = Arg(description="The member who is to own it.", examples=["ada"])

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Member:
        owner, successor = await lock_members(self.repo, self.space_id, self.execution.caller.actor, self.actor)
        # Who transferred it while this waited is its owner no more.
        await self.checkpoint.require(self.permission, within=self.space_id)
        if successor == owner:
            return owner
        await self.repo.save(replace(owner, role="admin"))  # first: a space has one owner at any time
        return await self.repo.save(replace(successor, role="owner"))
