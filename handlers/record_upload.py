"""Record that a caller uploaded a file."""

from dataclasses import replace

from ports.action import ActionHandler, Arg
from ports.files import File, Sha256
from ports.library import AlreadyUploaded, Upload
from ports.repo import EntityNotFound, Repo


class RecordUpload(ActionHandler, permission="file.upload", internal=True):
    """Record that you brought a file, which lets you use it; bringing it again renews that."""

    repo: Repo

    sha256: Sha256 = Arg()
    size: int = Arg(ge=0, description="In bytes.")
    media_type: str = Arg(max_length=100)

    async def execute(self) -> File:
        file = File(sha256=self.sha256, size=self.size, media_type=self.media_type)
        actor, at = self.execution.caller.actor, self.execution.at
        try:
            await self.repo.add(Upload(id=self.execution.new_id(), actor=actor, uploaded_at=at, **vars(file)))
        except AlreadyUploaded:
            if not await self._renewed():
                return await self.execute()  # a sweep took it just now
        return file

    async def _renewed(self) -> bool:
        found = await self.repo.find(Upload, actor=self.execution.caller.actor, sha256=self.sha256)
        try:
            for upload in found.items:
                renewed = replace(await self.repo.lock(Upload, upload.id), uploaded_at=self.execution.at)
                await self.repo.save(renewed)
        except EntityNotFound:
            return False
        return bool(found.items)
