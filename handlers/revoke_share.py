"""Revoke a link to a kit."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.repo import EntityNotFound, Repo
from ports.sharing import Share, ShareView


class RevokeShare(
    ActionHandler, permission="share.revoke", idempotent=True, problems=(EntityNotFound, PermissionMissing)
):
    """Make a link to a kit worth nothing, also while the kit is archived; to revoke it again changes nothing."""

    repo: Repo
    checkpoint: Checkpoint

    share_id: UUID = Arg(description="The link.")

    async def validate(self) -> None:
        share = await self.repo.get(Share, self.share_id)
        await self.checkpoint.require(self.permission, within=share)

    async def execute(self) -> ShareView:
        share = await self.repo.lock(Share, self.share_id)
        if share.revoked_at is None:
            share = await self.repo.save(replace(share, revoked_at=self.execution.at))
        return ShareView.of(share)
