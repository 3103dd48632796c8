"""Asking for work in the background: what is checked at once, and when nothing is queued at all."""

from uuid import UUID, uuid4

import pytest

from ports.argument import InvalidArguments
from ports.background import BackgroundOnly, BackgroundRefused
from ports.checkpoint import PermissionMissing, ScopeMissing
from ports.ledger import IdempotencyKeyReused
from ports.library import KitNameTaken
from ports.repo import EntityNotFound
from tests.background.engine import SPACE_ID, Engine
from tests.background.features import Feature, feature


@feature(Feature.TRANSACTION)
async def test_what_is_queued_within_an_action_is_run_once_that_is_committed(engine: Engine) -> None:
    queued = await engine.runner().execute("queue_note", {"space_id": SPACE_ID, "name": "second"}, returns=UUID)

    assert await engine.notes() == ["first second"]
    await engine.settle()

    assert await engine.notes() == ["first second", "second"]
    assert await engine.states(queued) == ["succeeded"]


@feature(Feature.TRANSACTION)
async def test_what_is_queued_within_an_action_that_fails_was_never_queued(engine: Engine) -> None:
    with pytest.raises(KitNameTaken):
        await engine.runner().execute("queue_note", {"space_id": SPACE_ID, "name": "second", "fails": True})

    assert not await engine.storage.busy()
    await engine.settle()
    assert await engine.notes() == []


@feature(Feature.VALIDATED)
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"space_id": SPACE_ID, "name": ""}, InvalidArguments),
        ({"space_id": SPACE_ID}, InvalidArguments),
        ({"space_id": uuid4(), "name": "Red"}, EntityNotFound),
    ],
    ids=["an argument", "a missing one", "validate"],
)
async def test_a_mistake_is_said_at_once_and_nothing_is_queued(
    engine: Engine, arguments: dict[str, object], problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        await engine.submit("keep_note", arguments)

    assert not await engine.storage.busy()


@feature(Feature.PERMISSIONS)
async def test_who_may_not_cannot_queue_it(engine: Engine) -> None:
    asked = {"space_id": SPACE_ID, "name": "Red"}

    with pytest.raises(ScopeMissing):
        await engine.runner("owner", "note.list").enqueue("keep_note", asked)
    with pytest.raises((PermissionMissing, EntityNotFound)):
        await engine.runner("stranger").enqueue("keep_note", asked)


@feature(Feature.PERMISSIONS)
async def test_who_may_no_more_when_it_runs_is_refused(engine: Engine) -> None:
    queued = await engine.note("Red")
    await engine.runner().execute("leave_space", {"space_id": SPACE_ID})

    await engine.settle()

    row = await engine.record(queued)
    assert row.problem is not None
    assert (row.state, row.problem["code"], row.attempt) == ("rejected", "entity_not_found", 1)
    assert await engine.notes() == []


@feature(Feature.BACKGROUND)
async def test_what_is_for_the_background_only_is_queued_whoever_asks(engine: Engine) -> None:
    outcome = await engine.runner().run("come_later", {})
    assert outcome.state == "queued"

    await engine.settle()

    assert (await engine.record(outcome.output.id)).output == "later"


@feature(Feature.BACKGROUND)
async def test_what_is_for_the_background_only_is_not_run_within_another(engine: Engine) -> None:
    with pytest.raises(BackgroundOnly):
        await engine.runner().execute("ask_for_later", {})


@feature(Feature.SECRETS)
@pytest.mark.parametrize(("action", "arguments"), [("keep_secret", {"password": "x"}), ("tell_secret", {})])
async def test_what_is_secret_cannot_be_queued(engine: Engine, action: str, arguments: dict[str, object]) -> None:
    with pytest.raises(BackgroundRefused):
        await engine.submit(action, arguments)

    assert not await engine.storage.busy()


@feature(Feature.KEY)
async def test_the_same_key_stands_for_the_execution_that_it_queued(engine: Engine) -> None:
    asked = {"space_id": SPACE_ID, "name": "Red"}

    first = await engine.runner().enqueue("keep_note", asked, key="once")
    again = await engine.runner().enqueue("keep_note", asked, key="once")
    await engine.settle()
    after = await engine.runner().enqueue("keep_note", asked, key="once")

    assert first == again == after
    assert await engine.notes() == ["Red"]
    with pytest.raises(IdempotencyKeyReused):
        await engine.runner().enqueue("keep_note", asked | {"name": "Blue"}, key="once")


@feature(Feature.RETRY_OF)
async def test_running_it_again_names_what_it_repeats(engine: Engine) -> None:
    first = await engine.note("Red", then="taken")
    await engine.settle()

    again = await engine.note("Red", retry_of=first)
    await engine.settle()

    assert await engine.states(first, again) == ["rejected", "succeeded"]
    assert (await engine.record(again)).retry_of == first
