"""What every queue promises of executions that follow others."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from ports.background import PredecessorFailed, UnknownPredecessor
from ports.work import Ending
from tests.adapters.jobs import CANCELLED, FAILED, SUCCEEDED, cancel, claim, end, number, put, queued, run, states
from tests.adapters.storage import Storage, entry_of

REJECTED = Ending(state="rejected", problem='{"code": "kit_name_taken"}')


def after(n: int, *others: int, **wishes: Any) -> Any:
    return queued(n, follows=[number(other) for other in others], **wishes)


async def ended(storage: Storage, outcomes: dict[int, Ending]) -> None:
    """Claim what is due, and end each as given."""
    for claimed in await claim(storage):
        await end(storage, claimed, outcomes[claimed.id.int - 1000])


async def test_it_is_run_after_all_that_it_follows(storage: Storage) -> None:
    await put(storage, queued(1), queued(2), after(3, 1, 2))

    first, second = await claim(storage)
    await end(storage, second)
    assert await claim(storage) == []
    await end(storage, first)

    assert [each.id for each in await claim(storage)] == [number(3)]


async def test_their_outputs_are_its_argument_in_the_order_in_which_it_names_them(storage: Storage) -> None:
    await put(storage, queued(1), queued(2), after(3, 2, 1, output_as="given"), after(4, 1, output_as="given"))

    await ended(storage, {n: Ending(state="succeeded", output=f'["of {n}"]') for n in (1, 2)})

    assert (await storage.job(number(3))).arguments == {"a": 1, "given": [["of 2"], ["of 1"]]}
    assert (await storage.job(number(4))).arguments == {"a": 1, "given": ["of 1"]}
    claimed = {each.id: each.arguments for each in await claim(storage)}
    assert '"given"' in claimed[number(3)]


async def test_one_that_asks_for_no_output_gets_none(storage: Storage) -> None:
    await put(storage, queued(1), after(2, 1))

    await run(storage)

    assert (await storage.job(number(2))).arguments == {"a": 1}


async def test_an_output_that_is_on_no_record_is_none(storage: Storage) -> None:
    await put(storage, queued(1), after(2, 1, output_as="given"))

    await run(storage, Ending(state="succeeded"))

    assert (await storage.job(number(2))).arguments == {"a": 1, "given": None}


async def test_it_tells_how_many_of_them_are_done(storage: Storage) -> None:
    await put(storage, queued(1), queued(2), queued(3), after(4, 1, 2, 3))
    told = []

    for claimed in await claim(storage):
        await end(storage, claimed)
        told.append((await storage.job(number(4))).progress)

    assert told == [{"total": 3, "done": done} for done in (1, 2, 3)]


@pytest.mark.parametrize("ending", [FAILED, REJECTED, CANCELLED])
async def test_it_is_rejected_once_all_have_ended_if_one_did_not_succeed(storage: Storage, ending: Ending) -> None:
    await put(storage, queued(1), queued(2), after(3, 1, 2))
    first, second = await claim(storage)

    await end(storage, second, ending)
    assert await states(storage, 3) == ["queued"]
    await end(storage, first)

    row = await storage.job(number(3))
    document = PredecessorFailed(predecessor=second.id).document(execution_id=number(3), trace_id="trace")
    assert (row.state, row.problem, row.finished) == ("rejected", _jsonable(document), True)
    assert await claim(storage) == []


async def test_a_predecessor_that_is_cancelled_while_it_waits_has_not_succeeded(storage: Storage) -> None:
    await put(storage, queued(1), after(2, 1))

    await cancel(storage, 1)

    assert await states(storage, 2) == ["rejected"]


async def test_a_failure_reaches_the_end_of_a_chain(storage: Storage) -> None:
    await put(storage, queued(1), after(2, 1), after(3, 2), after(4, 3, 1), after(5, 4))

    await ended(storage, {1: FAILED})

    assert await states(storage, 2, 3, 4, 5) == ["rejected"] * 4
    problem = (await storage.job(number(5))).problem
    assert problem is not None
    assert problem["predecessor"] == str(number(4))


async def test_a_chain_runs_in_its_order_each_with_the_output_of_the_one_before(storage: Storage) -> None:
    await put(storage, queued(1), *(after(n, n - 1, output_as="given") for n in (2, 3, 4)))

    assert await run(storage, SUCCEEDED) == [number(n) for n in (1, 2, 3, 4)]

    assert (await storage.job(number(4))).arguments == {"a": 1, "given": {"name": "Red"}}


async def test_groups_of_chains_come_together(storage: Storage) -> None:
    await put(storage, queued(1), queued(2), after(3, 1), after(4, 2), after(5, 3, 4, output_as="given"))

    ran = await run(storage)

    assert (ran[-1], len(ran)) == (number(5), 5)
    assert (await storage.job(number(5))).arguments["given"] == [{"name": "Red"}] * 2


async def test_what_has_succeeded_already_may_be_followed(storage: Storage) -> None:
    await put(storage, queued(1))
    await run(storage)
    async with storage.transaction() as ports:
        await ports.ledger.write(entry_of(number(2)))

    await put(storage, after(3, 1, 2, output_as="given"))

    assert (await storage.job(number(3))).arguments == {"a": 1, "given": [{"name": "Red"}, {"name": "Red"}]}
    assert [each.id for each in await claim(storage)] == [number(3)]


async def test_what_has_failed_already_ends_it_at_once(storage: Storage) -> None:
    await put(storage, queued(1))
    await run(storage, FAILED)

    await put(storage, after(2, 1))

    assert await states(storage, 2) == ["rejected"]


async def test_an_attempt_that_is_made_again_frees_nobody(storage: Storage) -> None:
    await put(storage, queued(1), after(2, 1))

    await ended(storage, {1: Ending(state="queued", problem='{"code": "contended"}', wait=30)})

    assert await claim(storage) == []
    await storage.advance(31)
    assert await run(storage) == [number(1), number(2)]


async def test_what_is_not_on_record_cannot_be_followed(storage: Storage) -> None:
    with pytest.raises(UnknownPredecessor):
        await put(storage, queued(1), after(2, 1, 9))

    assert await storage.executions() == []


async def test_one_that_was_cancelled_meanwhile_stays_cancelled(storage: Storage) -> None:
    await put(storage, queued(1), after(2, 1, output_as="given"))
    await cancel(storage, 2)

    await run(storage)

    row = await storage.job(number(2))
    assert (row.state, row.arguments) == ("cancelled", {"a": 1})


async def test_one_that_is_named_twice_is_waited_for_once(storage: Storage) -> None:
    await put(storage, queued(1), after(2, 1, 1, output_as="given"))

    await run(storage)

    row = await storage.job(number(2))
    assert (row.state, row.arguments["given"]) == ("succeeded", [{"name": "Red"}] * 2)


async def test_what_ends_while_it_is_about_to_be_followed_frees_it(storage: Storage) -> None:
    async def follow() -> asyncio.Future[None]:
        async with storage.transaction() as ports:
            await ports.queue.put(after(2, 1))
            ending = asyncio.ensure_future(end(storage, claimed))
            await storage.one_waits_for_a_lock()
            return ending

    await put(storage, queued(1))
    (claimed,) = await claim(storage)
    await (await follow())

    assert [each.id for each in await claim(storage)] == [number(2)]


async def test_those_that_end_at_once_free_it_once(storage: Storage) -> None:
    await put(storage, *(queued(n) for n in range(20)), after(30, *range(20), output_as="given"))

    await asyncio.gather(*(end(storage, claimed) for claimed in await claim(storage)))

    row = await storage.job(number(30))
    assert (row.progress, len(row.arguments["given"])) == ({"total": 20, "done": 20}, 20)
    assert [each.id for each in await claim(storage)] == [number(30)]


def _jsonable(document: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in document.items()}


async def test_a_chain_of_any_length_ends_with_its_first_one(storage: Storage) -> None:
    await put(storage, queued(1), *(after(n, n - 1) for n in range(2, 402)))

    await run(storage, FAILED)

    assert await states(storage, *range(2, 402)) == ["rejected"] * 400
