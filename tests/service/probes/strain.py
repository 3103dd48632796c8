"""Do work that goes over a limit, as told."""

import asyncio
from decimal import Decimal
from typing import Any, Literal, cast
from uuid import UUID

from pydantic import JsonValue

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.library import Kit, KitNameTaken
from ports.repo import Repo


class Strain(ActionHandler, permission="kit.create", problems=(KitNameTaken,)):
    """Keep a kit, and then work as told, once with the kit's lock and once in an action of its own."""

    repo: Repo
    actions: Actions

    space_id: UUID = Arg()
    then: Literal["end", "query", "lock", "sleep", "idle", "write", "nest", "bug"] = Arg(default="end")
    seconds: float = Arg(default=0.0)
    size: int = Arg(default=0)
    amount: Decimal | None = Arg(default=None)
    anything: JsonValue = Arg(default=None)

    async def execute(self) -> str:
        kit = await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name=self.then))
        match self.then:
            case "query":
                await self._driver("select pg_sleep($1)", self.seconds)
            case "lock":
                await self._driver("select pg_advisory_xact_lock(1)")
            case "sleep" | "idle":
                await asyncio.sleep(self.seconds)
                await self.repo.get(Kit, kit.id)
            case "nest":
                told = {"space_id": self.space_id, "then": "sleep", "seconds": self.seconds}
                await self.actions.execute("strain", told)
            case "bug":
                raise ZeroDivisionError("a canary")
            case "end" | "write":
                pass
        return "x" * self.size

    async def _driver(self, sql: str, *values: object) -> None:
        unit = cast("Any", self.repo)._unit
        await (await unit.driver()).fetchval(sql, *values)
