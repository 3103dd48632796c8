"""Record that a caller uploaded a file."""

from contextlib import suppress

from ports.action import ActionHandler, Arg
from ports.files import File, Sha256
from ports.library import AlreadyUploaded, Upload
from ports.repo import Repo


class RecordUpload(ActionHandler, permission="file.upload", internal=True):
    """Record that you brought a file, which lets you use it; bringing it again changes nothing."""

    repo: Repo

    sha256: Sha256 = Arg()
    size: int = Arg(ge=0, description="In bytes.")
    media_type: str = Arg(max_length=100)

    async def execute(self) -> File:
        file = File(sha256=self.sha256, size=self.size, media_type=self.media_type)
        with suppress(AlreadyUploaded):
            await self.repo.add(Upload(id=self.execution.new_id(), actor=self.execution.caller.actor, **vars(file)))
        return file
