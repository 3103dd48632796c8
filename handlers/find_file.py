"""Find a file that the caller may use."""

from typing import Any
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import PERMISSIONS
from ports.files import File, FileNotStored, FileStore, Sha256
from ports.library import Asset, Kit, Member, Upload
from ports.repo import Repo, every
from ports.sharing import LinkNotValid, share_of


class FindFile(
    ActionHandler, permission="file.read", readonly=True, internal=True, problems=(FileNotStored, LinkNotValid)
):
    """Find a file that you uploaded, or that an asset holds which you may see; its SHA-256 alone is no right to it."""

    repo: Repo
    files: FileStore

    sha256: Sha256 = Arg()

    async def execute(self) -> File:
        share = await share_of(self.repo, self.execution.caller, at=self.execution.at)
        held = await (self._of_link(share.kit_id) if share else self._of_actor(self.execution.caller.actor))
        if held is None:
            raise FileNotStored(sha256=self.sha256)
        await self.files.touch(held.sha256)  # what is being put to use is not swept up meanwhile
        return File(sha256=held.sha256, size=held.size, media_type=held.media_type)

    async def _of_link(self, kit_id: UUID) -> Asset | None:
        if not await self.repo.count(Kit, id=kit_id, archived_at=None):
            raise LinkNotValid
        return await self._asset(kit_id=kit_id)

    async def _of_actor(self, actor: str) -> Upload | Asset | None:
        uploads = await self.repo.find(Upload, actor=actor, sha256=self.sha256, limit=1)
        memberships = every(self.repo, Member, actor=actor)
        spaces = [member.space_id async for member in memberships if "asset.read" in PERMISSIONS[member.role]]
        return next(iter(uploads.items), None) or await self._asset(space_id=spaces) or await self._public()

    async def _public(self) -> Asset | None:
        kits = {asset.kit_id async for asset in every(self.repo, Asset, sha256=self.sha256, removed_at=None)}
        public = await self.repo.find(Kit, id=kits, visibility="public", archived_at=None, limit=1)
        return await self._asset(kit_id=[kit.id for kit in public.items])

    async def _asset(self, **where: Any) -> Asset | None:
        found = await self.repo.find(Asset, sha256=self.sha256, removed_at=None, limit=1, **where)
        return next(iter(found.items), None)
