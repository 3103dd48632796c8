"""What service/testing.py gives to who tests a handler that queues others."""

from contextlib import suppress
from uuid import UUID

import pytest

from adapters.memory.actions import MemoryActions
from handlers.create_kit import CreateKit
from handlers.create_space import CreateSpace
from ports.action import ActionHandler, Arg
from ports.actions import Actions, UnknownAction
from ports.background import Later, PredecessorFailed
from ports.checkpoint import PermissionMissing
from ports.ledger import Entry
from ports.library import Kit, KitNameTaken
from service.testing import NEW_YEAR, Trial
from tests.library import KIT, SPACE, member

NAMES = ["Red", "Blue"]


class MakeKits(ActionHandler, permission="kit.create", problems=(KitNameTaken, UnknownAction)):
    """Queue that kits are made, one after the other, and then fail if told."""

    actions: Actions

    called: list[str] = Arg()
    fails: bool = Arg(default=False)

    async def execute(self) -> list[UUID]:
        queued: list[UUID] = []
        for name in self.called:
            asked = {"space_id": SPACE.id, "name": name}
            queued.append(await self.actions.enqueue("create_kit", asked, delay=60, follows=queued[-1:]))
        if self.fails:
            raise KitNameTaken(name="x")
        return queued


async def test_what_is_queued_is_there_with_how_it_is_to_be_run() -> None:
    trial = Trial(member("owner"))

    first, second = await trial.run(MakeKits, called=NAMES)

    assert [(each.id, each.name, each.arguments["name"]) for each in trial.enqueued] == [
        (first, "create_kit", "Red"),
        (second, "create_kit", "Blue"),
    ]
    assert [each.later for each in trial.enqueued] == [
        Later(delay=60, follows=[]),
        Later(delay=60, follows=[first]),
    ]


async def test_what_an_action_queued_that_failed_was_never_queued() -> None:
    trial = Trial(member("owner"))

    with suppress(KitNameTaken):
        await trial.run(MakeKits, called=NAMES, fails=True)

    assert trial.enqueued == []


async def test_it_is_run_as_by_a_worker_in_its_order() -> None:
    trial = Trial(member("owner"))
    queued = await trial.run(MakeKits, called=NAMES)

    kits: list[Kit] = await trial.run_enqueued(CreateKit)

    assert [kit.name for kit in kits] == NAMES
    assert trial.changes(Kit) == [(None, kit) for kit in kits]
    assert (trial.enqueued, await trial.run_enqueued(CreateKit)) == ([], [])
    entries: list[Entry | None] = [trial.store.entry(each) for each in queued]
    assert [(entry.state, entry.finished_at) for entry in entries if entry] == [("succeeded", NEW_YEAR)] * 2


async def test_only_what_is_named_is_run() -> None:
    trial = Trial(member("owner"))
    await trial.run(MakeKits, called=NAMES)

    assert await trial.run_enqueued(CreateSpace) == []

    assert len(trial.enqueued) == 2


async def test_a_problem_is_raised_on_record_and_ends_what_follows() -> None:
    trial = Trial(KIT, member("owner"))
    first, second = await trial.run(MakeKits, called=[KIT.name, "Blue"])

    with pytest.raises(KitNameTaken):
        await trial.run_enqueued(CreateKit)

    entries = [trial.store.entry(each) for each in (first, second)]
    assert [entry.state for entry in entries if entry] == ["rejected"] * 2
    assert PredecessorFailed.code in str(entries[1] and entries[1].problem)
    assert (trial.enqueued, trial.changes()) == ([], [])


async def test_it_is_run_with_what_its_caller_may_do_by_then() -> None:
    trial = Trial(member("owner"), member("viewer", "ada"))
    await trial.by("ada").run(MakeKits, called=NAMES[:1])

    with pytest.raises(PermissionMissing):
        await trial.run_enqueued(CreateKit)


async def test_what_a_test_says_that_other_actions_answer_is_still_answered() -> None:
    trial = Trial(member("owner"), actions=MemoryActions(create_kit=KitNameTaken(name="Red")))

    with pytest.raises(KitNameTaken):
        await trial.run(MakeKits, called=NAMES)
