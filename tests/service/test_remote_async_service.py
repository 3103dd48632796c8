"""Asking a real service for actions in the background: by its runner and over HTTP it is the same."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from handlers.create_space import CreateSpace
from ports.action import Caller
from ports.actions import ExecutionCancelled
from ports.argument import InvalidArguments
from ports.background import BackgroundRefused
from ports.checkpoint import ScopeMissing
from ports.executions import ExecutionEnded
from ports.library import Kit, Space, SpaceNameTaken
from ports.repo import EntityNotFound
from service.async_calls import Handle
from service.composition import Service
from service.database import Database
from service.remote.retries import Budget
from service.remote.runner import RemoteActionRunner
from service.runner import ActionRunner
from service.settings import Settings
from tests.conftest import token_of
from tests.ports import ports
from tests.service.at_work import at_work
from tests.service.serving import served
from tests.test_house import blocks


@pytest.fixture
async def address(service: Service) -> AsyncIterator[str]:
    async with served(service) as address:
        yield address


@pytest.fixture
async def remote(service: Service, address: str) -> AsyncIterator[RemoteActionRunner]:
    async with RemoteActionRunner(address, token=token_of(service)) as runner:
        yield runner


@pytest.fixture
def local(service: Service) -> ActionRunner:
    return ActionRunner(service, Caller(actor="owner"))


async def test_outputs_and_records_are_those_of_the_local_handle(
    service: Service, local: ActionRunner, remote: RemoteActionRunner
) -> None:
    async with at_work(service):
        handle = await remote.execute_async("create_space", {"name": "Design"}, returns=Space)
        space = await handle
        assert handle.id is not None
        seen_here: Handle[Space] = Handle(local, handle.id, Space)
        assert (await seen_here, await seen_here.record()) == (space, await handle.record())
        kit = await remote.execute_async("create_kit", {"space_id": space.id, "name": "Brand"}, returns=Kit)
        assert (await kit).space_id == space.id
        assert [record.state async for record in kit.progress()] == ["succeeded"]


async def test_the_same_key_is_the_same_execution_through_both_doors(
    service: Service, local: ActionRunner, remote: RemoteActionRunner
) -> None:
    asked: dict[str, object] = {"name": "Design"}
    first = await remote.execute_async("create_space", asked, returns=Space, key="k")
    second = await local.execute_async("create_space", asked, returns=Space, key="k")
    async with at_work(service):
        assert (first.id, await first) == (second.id, await second)


async def test_what_was_done_in_the_foreground_under_the_key_is_done(
    local: ActionRunner, remote: RemoteActionRunner
) -> None:
    made = await local.execute("create_space", {"name": "Design"}, returns=Space, key="k")
    handle = await remote.execute_async("create_space", {"name": "Design"}, returns=Space, key="k")

    assert (handle.id, await handle) == (None, made)


async def test_problems_are_raised_at_once_or_by_who_waits(service: Service, remote: RemoteActionRunner) -> None:
    with pytest.raises(InvalidArguments):
        await remote.execute_async("create_space", {"name": ""})
    await remote.execute("create_space", {"name": "Design"})
    async with at_work(service):
        with pytest.raises(SpaceNameTaken):
            await (await remote.execute_async("create_space", {"name": "Design"}))


async def test_what_has_a_secret_is_refused(remote: RemoteActionRunner, local: ActionRunner) -> None:
    space = await local.execute("create_space", {"name": "Design"}, returns=Space)
    kit = await local.execute("create_kit", {"space_id": space.id, "name": "Brand"}, returns=Kit)

    with pytest.raises(BackgroundRefused):
        await remote.execute_async("share_kit", {"kit_id": kit.id})


async def test_what_one_may_not_see_cannot_be_waited_for(
    service: Service, address: str, local: ActionRunner, remote: RemoteActionRunner
) -> None:
    handle = await local.execute_async("create_space", {"name": "Design"}, returns=Space)
    stranger = ActionRunner(service, Caller(actor="stranger"))
    with pytest.raises(EntityNotFound):
        await Handle(stranger, handle.id, Space)
    async with RemoteActionRunner(address, token=token_of(service, "owner", "space.*")) as narrow:
        theirs = await narrow.execute_async("create_space", {"name": "Brand"})
        with pytest.raises(ScopeMissing):
            await theirs


async def test_it_is_cancelled_where_it_waits(service: Service, remote: RemoteActionRunner) -> None:
    handle = await remote.execute_async("create_space", {"name": "Design"})
    waiting = asyncio.create_task(handle.result())

    assert await handle.cancel() == "cancelled"
    with pytest.raises(ExecutionCancelled):
        await waiting
    async with at_work(service):
        ended = await remote.execute_async("create_space", {"name": "Design"})
        await ended
    with pytest.raises(ExecutionEnded) as raised:
        await ended.cancel()
    assert raised.value.state == "succeeded"


async def test_who_waits_outlasts_a_service_that_is_begun_again(settings: Settings, database: Database) -> None:
    first, second = Service(settings, database), Service(settings, database)
    unforgiving = Budget(most=0, ratio=0, per_second=0)
    with ports(1) as (port,):
        async with served(first, port=port) as address:
            runner = RemoteActionRunner(address, token=token_of(first), budget=unforgiving)
            handle = await runner.execute_async("create_space", {"name": "Design"}, returns=Space)
            waiting = asyncio.create_task(handle.result())
            await asyncio.sleep(0)
        async with served(second, port=port), at_work(second):
            assert (await waiting).name == "Design"
    await runner.__aexit__()
    await first.close()
    await second.close()


async def test_what_the_documents_show_works(service: Service, address: str) -> None:
    shown: dict[str, Any] = {}
    exec(blocks("docs/clients.md", "python")[1], shown)
    async with at_work(service):
        made = await shown["make_space_later"](address, token_of(service))
        space = await ActionRunner(service, Caller(actor="owner")).execute("create_space", {"name": "Design"})
        exec(blocks("docs/background.md", "python")[0], shown)
        runner = ActionRunner(service, Caller(actor="owner"))
        kit = await shown["make_kit_later"](runner, space.id)

    assert isinstance(made, Space)
    assert (kit.name, CreateSpace.readonly) == ("Brand", False)
