"""What both type checkers must reject: on the lines marked so, and on no other."""

from uuid import UUID

from adapters.memory.checkpoint import OpenCheckpoint
from adapters.memory.repo import MemoryRepo
from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint
from ports.library import Kit
from ports.repo import Repo


class CreateKit(ActionHandler, permission="kit.create"):
    """Create a kit."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg()
    name: str = Arg(min_length=1)
    size: int = Arg(default=1)

    async def execute(self) -> None:
        print(self.nmae)  # error: there is no such attribute
        print(self.repo.fetch)  # error: nor such a method of the port
        await self.repo.get(Kit, self.name)  # error: an argument's type is known
        print(self.name + self.size)  # error: so is another's
        self.name = "Blue"  # error: an argument is not assigned to
        self.repo = MemoryRepo()  # error: nor is a port


class WrongDefault(ActionHandler, permission="kit.create"):
    """Take what its type does not."""

    size: int = Arg(default="one")  # error: a default of another type
    note: str = Arg(default=None)  # error: no default of this type
    name: str = Arg(minlength=1)  # error: a misspelt constraint
    code: str = Arg(pattern=5)  # error: a constraint of another type
    count: int = 5  # a plain value: this one is found at start-up

    async def execute(self) -> None: ...


class NoPermission(ActionHandler):  # error: a permission is required
    """Forget the permission."""

    async def execute(self) -> None: ...


class MisspeltPolicy(ActionHandler, permission="kit.create", read_only=True):  # error: no such policy
    """Misspell a policy."""

    async def execute(self) -> None: ...


class WrongPolicy(ActionHandler, permission="kit.create", problems=(ValueError,)):  # error: that is no Problem
    """Give a policy a value of another type."""

    async def execute(self) -> None: ...


class WrongDeprecation(ActionHandler, permission="kit.create", deprecated=True):  # error: it says no period
    """Deprecate without a word of until when."""

    async def execute(self) -> None: ...


class WrongSchedule(ActionHandler, permission="kit.create", schedule=3600):  # error: it says no times
    """Run every now and then."""

    async def execute(self) -> None: ...


class NotAsync(ActionHandler, permission="kit.create"):
    """Validate at once."""

    def validate(self) -> None: ...  # error: it is async

    async def execute(self) -> None: ...


SPACE, REPO, CHECKPOINT = UUID(int=1), MemoryRepo(), OpenCheckpoint()

CreateKit(repo=REPO, checkpoint=CHECKPOINT, space_id=SPACE)  # error: an argument is missing
CreateKit(repo=REPO, space_id=SPACE, name="Red")  # error: an adapter is missing
CreateKit(repo=CHECKPOINT, checkpoint=CHECKPOINT, space_id=SPACE, name="Red")  # error: another port's adapter
CreateKit(repo=None, checkpoint=CHECKPOINT, space_id=SPACE, name="Red")  # error: no adapter
CreateKit(repo=REPO, checkpoint=CHECKPOINT, space_id="1", name="Red")  # error: an argument of another type
CreateKit(repo=REPO, checkpoint=CHECKPOINT, space_id=SPACE, name="Red", colour="red")  # error: no such argument
CreateKit(REPO, CHECKPOINT, SPACE, "Red")  # error: by name only
CreateKit(repo=REPO, checkpoint=CHECKPOINT, space_id=SPACE, name="Red").size = 2  # error: it is frozen
