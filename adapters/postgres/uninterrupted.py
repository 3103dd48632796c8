"""Work that a cancellation does not stop half-way."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def uninterrupted(work: Coroutine[Any, Any, None]) -> None:
    """Finish `work` whether or not the task is cancelled meanwhile; a cancellation is delivered at the next await."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
        except BaseException:  # noqa: S110, BLE001 - the task's own failure, raised below
            pass
    current = asyncio.current_task()
    if cancelled and current is not None:
        current.uncancel()
        current.cancel()
    task.result()
