"""What service/testing.py gives to who tests a handler of their own."""

from typing import cast
from uuid import UUID

import pytest

from adapters.memory.checkpoint import OpenCheckpoint
from handlers.create_kit import CreateKit
from handlers.list_kits import ListKits
from handlers.read_changes import ReadChanges
from handlers.rename_kit import RenameKit
from ports.action import ActionHandler, Arg
from ports.argument import InvalidArguments
from ports.checkpoint import PermissionMissing
from ports.library import Kit, KitNameTaken
from ports.logger import Logger
from ports.repo import EntityNotFound, Repo
from service.testing import NEW_YEAR, Trial
from tests.library import KIT, OTHER_SPACE, SPACE, member

OTHER = Kit(id=UUID(int=20), space_id=SPACE.id, name="Shop")


class Misbehave(ActionHandler, permission="kit.edit", problems=(EntityNotFound,)):
    """Do what a handler may not."""

    repo: Repo
    logger: Logger

    how: str = Arg()

    async def execute(self) -> int:
        self.logger.info("misbehaving", how=self.how)
        await self.repo.add(Kit(id=self.execution.new_id(), space_id=SPACE.id, name=self.how))
        if self.how == "undeclared":
            raise KitNameTaken(name="x")
        return cast("int", "one")


async def test_a_test_is_three_lines() -> None:
    trial = Trial(SPACE, KIT, member("owner"))
    kit = await trial.run(RenameKit, kit_id=KIT.id, name="Red", expected_version=1)
    assert trial.changes(Kit) == [(KIT, kit)]


async def test_a_problem_is_raised_and_nothing_has_changed() -> None:
    trial = Trial(SPACE, KIT, OTHER, member("owner"))

    with pytest.raises(KitNameTaken):
        await trial.run(RenameKit, kit_id=KIT.id, name=OTHER.name, expected_version=1)

    assert (trial.changes(), await trial.repo.get(Kit, KIT.id)) == ([], KIT)


async def test_arguments_are_checked_as_a_callers_are() -> None:
    with pytest.raises(InvalidArguments):
        await Trial(member("owner")).run(CreateKit, space_id="here", name="")


async def test_another_caller_has_the_same_service() -> None:
    trial = Trial(member("owner"), member("viewer", "ada"))

    kit = await trial.run(CreateKit, space_id=SPACE.id, name="Red")

    assert (await trial.by("ada").run(ListKits, space_id=SPACE.id)).items == [kit]
    with pytest.raises(PermissionMissing):
        await trial.by("ada").run(CreateKit, space_id=SPACE.id, name="Blue")


async def test_what_was_done_is_on_record() -> None:
    trial = Trial(member("owner"))
    kit = await trial.run(CreateKit, space_id=SPACE.id, name="Red")

    (change,) = (await trial.run(ReadChanges, kind="kit", id=kit.id)).items

    assert (change.action, change.actor, change.at, change.before) == ("create_kit", "tester", NEW_YEAR, None)
    assert [entry.action for entry in trial.store.entries] == ["create_kit"]


async def test_every_run_makes_the_same_ids_and_never_one_twice() -> None:
    trials = (Trial(member("owner")), Trial(member("owner")))

    first, again = [
        [await trial.run(CreateKit, space_id=SPACE.id, name=name) for name in ("Red", "Blue")] for trial in trials
    ]

    assert first == again
    assert first[0].id != first[1].id


async def test_a_port_may_be_ones_own() -> None:
    trial = Trial(checkpoint=OpenCheckpoint())

    assert await trial.run(CreateKit, space_id=OTHER_SPACE.id, name="Red")


async def test_an_undeclared_problem_is_a_bug_and_what_it_logged_is_there() -> None:
    trial = Trial()

    with pytest.raises(AssertionError, match="Misbehave does not declare KitNameTaken"):
        await trial.run(Misbehave, how="undeclared")

    assert trial.changes() == []
    assert trial.log.records == [{"event": "misbehaving", "level": "info", "how": "undeclared"}]


async def test_an_output_of_another_type_is_a_bug() -> None:
    trial = Trial()

    with pytest.raises(ValueError, match="Expected `int`"):
        await trial.run(Misbehave, how="badly")

    assert trial.changes() == []
