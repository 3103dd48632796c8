"""Share a kit by a link."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import writable
from ports.library import Kit, KitArchived
from ports.repo import EntityNotFound, Repo
from ports.sharing import SHARE_TOKEN, Share, ShareView, hash_of, new_token


@dataclass(frozen=True, kw_only=True)
class NewShare:
    """A link to a kit and its token, which is told this once."""

    share: ShareView
    token: str


class ShareKit(
    ActionHandler,
    permission="share.create",
    problems=(EntityNotFound, PermissionMissing, KitArchived),
    secret_output=True,
):
    """Make a link to a kit: whoever sends its `token` as their credentials may `open_share`, and have its files.

    The token is told this once and not kept. The link is valid until it expires, is revoked, or its kit is archived.
    """

    repo: Repo
    checkpoint: Checkpoint

    kit_id: UUID = Arg(description="The kit.")
    valid_days: int | None = Arg(
        default=None, ge=1, le=3650, description="How long it is valid, in days, if not for ever."
    )

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)
        writable(kit)  # without a lock: it would wait for an import, and `open_share` looks again

    async def execute(self) -> NewShare:
        kit, token = await self.repo.get(Kit, self.kit_id), new_token(SHARE_TOKEN)
        share = await self.repo.add(
            Share(
                id=self.execution.new_id(),
                space_id=kit.space_id,
                kit_id=kit.id,
                shared_by=self.execution.caller.actor,
                token_hash=hash_of(token),
                expires_at=self.execution.at + timedelta(days=self.valid_days) if self.valid_days else None,
            )
        )
        return NewShare(share=ShareView.of(share), token=token)
