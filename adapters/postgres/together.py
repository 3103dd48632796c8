"""What comes in the same moment, done at once: one statement, one transaction and one flush of the disk for all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """Calls `do` with all that is given before the loop comes round, and with what comes meanwhile after it."""

    def __init__(self, do: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> None:
        self._do = do
        self._given: list[tuple[T, asyncio.Future[R]]] = []
        self._doing: asyncio.Task[None] | None = None

    async def give(self, what: T) -> R:
        """Return what comes of it, or raise what befell all that was done with it.

        Who is cancelled may not know whether it was done.
        """
        future = asyncio.get_running_loop().create_future()
        self._given.append((what, future))
        if self._doing is None:
            self._doing = asyncio.create_task(self._do_all())
        returned: R = await future
        return returned

    async def _do_all(self) -> None:
        try:
            while self._given:
                given, self._given = self._given, []
                await self._do_these(given)
        finally:
            self._doing = None

    async def _do_these(self, given: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            done = await self._do([what for what, _ in given])
        except Exception as error:  # noqa: BLE001 - it is raised where it was waited for
            for _, future in given:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), each in zip(given, done, strict=True):
            if not future.done():
                future.set_result(each)
