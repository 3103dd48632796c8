"""What both type checkers must know of a handler, and let pass."""

from typing import Annotated, Literal, assert_type
from uuid import UUID

from pydantic import Field

from adapters.memory.checkpoint import OpenCheckpoint
from adapters.memory.repo import MemoryRepo
from ports.action import ActionHandler, Arg, Execution
from ports.checkpoint import Checkpoint
from ports.library import Kit, KitNameTaken
from ports.repo import Repo
from ports.schedule import Schedule


class CreateKit(ActionHandler, permission="kit.create", problems=(KitNameTaken,), timeout=5, schedule="0 3 * * *"):
    """Create a kit."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="Where.")
    name: str = Arg(min_length=1, max_length=80, examples=["Red"], validator=str.strip)
    visibility: Literal["private", "public"] = Arg(default="private")
    size: int = Arg(default=1, ge=1, le=9)
    note: str | None = Arg(default=None)
    tags: list[str] = Arg(default=[])
    code: Annotated[str, Field(pattern="^[a-z]$")] = Arg(default="a", secret=True)

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Kit:
        assert_type(self.repo, Repo)
        assert_type(self.checkpoint, Checkpoint)
        assert_type(self.name, str)
        assert_type(self.visibility, Literal["private", "public"])
        assert_type(self.note, str | None)
        assert_type(self.tags, list[str])
        assert_type(self.execution, Execution)
        assert_type(self.permission, str)
        assert_type(self.schedule, Schedule | None)
        kit = Kit(id=self.execution.new_id(), space_id=self.space_id, name=self.name, visibility=self.visibility)
        return assert_type(await self.repo.add(kit), Kit)


class Greet(
    ActionHandler,
    permission="greeting.make",
    readonly=False,
    schedule=Schedule("0 9 * * *", zone="Europe/Berlin", arguments={"name": "ada"}),
):
    """Greet, in the published spelling."""

    requires = ["logger"]
    arguments = {"name": Arg(str, required=True, options=["ada", "bob"]), "size": Arg(int, required=False, default=1)}

    async def execute(self) -> str:
        return "Hello"


async def run() -> None:
    space_id = UUID(int=1)
    short = CreateKit(repo=MemoryRepo(), checkpoint=OpenCheckpoint(), space_id=space_id, name="Red")
    long = CreateKit(
        execution=Execution(),
        repo=MemoryRepo(),
        checkpoint=OpenCheckpoint(),
        space_id=space_id,
        name="Red",
        visibility="public",
        size=2,
        note="new",
        tags=["a"],
        code="b",
    )
    assert_type(await short.execute(), Kit)
    assert_type(long.name, str)
