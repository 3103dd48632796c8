"""Find a file that the caller may use."""

from ports.action import ActionHandler, Arg
from ports.checkpoint import PERMISSIONS
from ports.files import File, FileNotStored, Sha256
from ports.library import Asset, Member, Upload
from ports.repo import Repo, every


class FindFile(ActionHandler, permission="file.read", readonly=True, internal=True, problems=(FileNotStored,)):
    """Find a file that you uploaded, or that an asset holds which you may see; its SHA-256 alone is no right to it."""

    repo: Repo

    sha256: Sha256 = Arg()

    async def execute(self) -> File:
        actor = self.execution.caller.actor
        uploads = await self.repo.find(Upload, actor=actor, sha256=self.sha256, limit=1)
        spaces = [
            member.space_id
            async for member in every(self.repo, Member, actor=actor)
            if "asset.read" in PERMISSIONS[member.role]
        ]
        assets = await self.repo.find(Asset, sha256=self.sha256, space_id=spaces, removed_at=None, limit=1)
        held: list[Upload | Asset] = [*uploads.items, *assets.items]
        if not held:
            raise FileNotStored(sha256=self.sha256)
        return File(sha256=held[0].sha256, size=held[0].size, media_type=held[0].media_type)
