"""Meet a problem when stopped."""

import asyncio
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.library import KitNameTaken
from ports.progress import Progress


class GiveUp(ActionHandler, permission="kit.create", problems=(KitNameTaken,)):
    """Wait, and make a problem of being stopped, as a library may that swallows what stops it."""

    progress: Progress

    space_id: UUID = Arg()

    async def execute(self) -> None:
        self.progress.report(1, total=2, note="parked")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise KitNameTaken(name="stopped") from None
