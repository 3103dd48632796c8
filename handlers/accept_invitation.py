"""Accept an invitation into a space."""

from dataclasses import replace

from ports.action import ActionHandler, Arg
from ports.checkpoint import PERMISSIONS, Checkpoint
from ports.library import AlreadyMember, Member
from ports.repo import EntityNotFound, Repo
from ports.sharing import Invitation, LinkNotValid, valid_invitation


class AcceptInvitation(ActionHandler, permission="space.join", problems=(LinkNotValid, AlreadyMember)):
    """Become a member of the space that you were invited to, in the role that you were offered."""

    repo: Repo
    checkpoint: Checkpoint

    token: str = Arg(secret=True, max_length=100, description="The token of the invitation.")

    async def execute(self) -> Member:
        actor = self.execution.caller.actor
        invitation = await self._locked(await valid_invitation(self.repo, self.token, at=self.execution.at))
        member = await self.repo.add(
            Member(id=self.execution.new_id(), space_id=invitation.space_id, actor=actor, role=invitation.role)
        )
        await self.repo.save(replace(invitation, accepted_by=actor))
        await self.checkpoint.require("space.read", within=member)  # so that this is on the space's record
        return member

    async def _locked(self, found: Invitation) -> Invitation:
        try:
            invitation = await self.repo.lock(Invitation, found.id)
        except EntityNotFound:
            raise LinkNotValid from None
        if not invitation.is_valid(at=self.execution.at) or not await self._still_stands(invitation):
            raise LinkNotValid
        return invitation

    async def _still_stands(self, invitation: Invitation) -> bool:
        """Who was removed from the space must not come back by an invitation of their own."""
        inviter = await self.repo.find(Member, space_id=invitation.space_id, actor=invitation.invited_by, limit=1)
        return any("member.add" in PERMISSIONS[member.role] for member in inviter.items)
