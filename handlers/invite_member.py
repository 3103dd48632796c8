"""Invite somebody into a space."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.repo import EntityNotFound, Repo
from ports.sharing import Invitation, InvitationView, hash_of, new_token


@dataclass(frozen=True, kw_only=True)
class NewInvitation:
    """An invitation and its token, which is told this once."""

    invitation: InvitationView
    token: str


class InviteMember(
    ActionHandler, permission="member.add", problems=(EntityNotFound, PermissionMissing), secret_output=True
):
    """Make an invitation: whoever sends its `token` to `accept_invitation` has the role, once, until it expires.

    The token is told this once and not kept. It is worth nothing as soon as you may add no members yourself.
    """

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")
    role: Literal["viewer", "editor", "admin"] = Arg(description="A viewer reads, an editor changes, an admin invites.")
    valid_days: int = Arg(default=7, ge=1, le=365, description="How long it is valid, in days.")

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> NewInvitation:
        token = new_token()
        invitation = await self.repo.add(
            Invitation(
                id=self.execution.new_id(),
                space_id=self.space_id,
                role=self.role,
                invited_by=self.execution.caller.actor,
                token_hash=hash_of(token),
                expires_at=self.execution.at + timedelta(days=self.valid_days),
            )
        )
        return NewInvitation(invitation=InvitationView.of(invitation), token=token)
