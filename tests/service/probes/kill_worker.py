"""Kill who runs this."""

import os
import signal

from ports.action import ActionHandler
from ports.background import Retry


class KillWorker(ActionHandler, permission="kit.create", retry=Retry(attempts=3, first=0.05)):
    """Kill who runs this."""

    async def execute(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)
