"""The world, made once and put back before each test."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from adapters.postgres.embedded import SUPERUSER
from ports.action import ActionHandler, EntryPoint
from service.composition import PORTS, Service
from service.database import Database
from service.http.app import create_app
from service.outcome import Outcome
from service.registry import Registry
from service.settings import load_settings
from tests.conftest import KEY, TEMPLATE, Cluster
from tests.declared import undeclared
from tests.every.doors import Answer, Door, opened_doors
from tests.every.masks import masked
from tests.every.rows import WAYS, Arguments, Made, action_of
from tests.every.world import Furnisher, Keeper, Side, World, runner_of

PUBLIC = dict(Registry.found_in("handlers", PORTS).public())

OWN_LEDGER = "select id::text from executions where actor = :actor and entry_point = :entry_point"
IDS = """
select entity_id::text from changes union select id::text from executions union select sha256 from uploads
"""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A service with the world in its database."""

    service: Service
    database: Database
    world: World
    keeper: Keeper
    ids_of_theirs: AbstractSet[str]
    turns: Mapping[EntryPoint, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def handler(self, action: str) -> type[ActionHandler]:
        found = self.service.registry.known(action_of(action))
        assert found is not None
        return found

    async def restore(self, *, alone: bool = False) -> None:
        """Put the world back as it was; `alone`, as it was before our side was made."""
        await self.keeper.restore("alone" if alone else "whole")

    async def hold(self, *, alone: bool = False) -> None:
        """Put the world back unless nothing has changed; there may be more executions that changed nothing."""
        if not await self.keeper.holds("alone" if alone else "whole"):
            await self.restore(alone=alone)

    async def prepare(self, action: str, side: Side) -> None:
        """Do what must come before a success."""
        await self.do(WAYS[action].given, side)

    async def do(self, given: Mapping[str, Made], side: Side) -> None:
        """Do these as the owner of a side."""
        for first, asks in given.items():
            await runner_of(self.service, side.who("owner")).execute(first, asks(side))

    async def run(self, actor: str, action: str, arguments: Arguments) -> Outcome:
        """Run an action by its runner, and fail on a problem that it does not declare."""
        outcome = await runner_of(self.service, actor).run(action_of(action), arguments)
        assert outcome.problem is None or undeclared(self.handler(action), outcome.problem.code) is None
        return outcome

    async def told(
        self, actor: str, action: str, arguments: Arguments, *asked: object, door: Door | None = None
    ) -> list[str]:
        """All that one is told: the answer, and what the ledger then shows them of it; `asked` is masked.

        Without a `door` it is the runner that is asked. Several doors may be, at once.
        """
        entry_point = door.entry_point if door else "service"
        async with self.turns[entry_point]:
            before = await self._executions(actor, entry_point)
            answer = await (door.ask(actor, action, arguments) if door else self._asked(actor, action, arguments))
            rows = await self._executions(actor, entry_point) - before
        ledger = [await self.run(actor, "get_execution", {"execution_id": row}) for row in rows]
        records = sorted(self.masked(outcome.body, *asked) for outcome in ledger)
        return ["refused" if answer.refused else "done", self.masked(answer.body, *asked), *records]

    async def _asked(self, actor: str, action: str, arguments: Arguments) -> Answer:
        outcome = await self.run(actor, action, arguments)
        return Answer(refused=outcome.problem is not None, body=outcome.body)

    def masked(self, body: bytes, *asked: object) -> str:
        """Return what is said without what differs each time; the ids of the world are kept."""
        known = {*asdict(self.world.ours).values(), *asdict(self.world.theirs).values()}
        return masked(body, asked=asked, known=known)

    async def _executions(self, actor: str, entry_point: EntryPoint) -> set[str]:
        async with self.service.engine.connect() as connection:
            return {*await connection.scalars(text(OWN_LEDGER), {"actor": actor, "entry_point": entry_point})}

    async def changes(self) -> int:
        """How many changes are on record."""
        async with self.service.engine.connect() as connection:
            return int((await connection.execute(text("select count(*) from changes"))).scalar_one())


@pytest.fixture(scope="session")
async def furnished(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    settings = load_settings(data=tmp_path_factory.mktemp("world"), signing_key=SecretStr(KEY))
    async with cluster.empty_database(template=TEMPLATE) as database:
        name = str(database.service.database)
        superuser = create_async_engine(cluster.postgres.url(SUPERUSER, name), poolclass=NullPool)
        await cluster.run(f"alter database {name} set synchronous_commit = off")  # nothing here is to survive a crash
        async with superuser.connect() as connection:
            service, keeper = Service(settings, database), Keeper(connection)
            theirs = await Furnisher(service, "Theirs").side()
            async with service.engine.connect() as reading:
                ids = frozenset(await reading.scalars(text(IDS)))
            await keeper.keep("alone")
            ours = await Furnisher(service, "Ours").side()
            await keeper.keep("whole")
            world = World(ours=ours, theirs=theirs)
            yield Stage(service=service, database=database, world=world, keeper=keeper, ids_of_theirs=ids)
            await service.close()
        await superuser.dispose()


@pytest.fixture
async def stage(furnished: Stage) -> Stage:
    await furnished.hold()
    return furnished


@pytest.fixture(scope="session")
def app(furnished: Stage) -> FastAPI:
    return create_app(furnished.service)


@pytest.fixture(scope="session")
async def doors(furnished: Stage, app: FastAPI) -> AsyncIterator[Mapping[str, Door]]:
    async with opened_doors(app, furnished.service, furnished.database, furnished.world) as opened:
        yield opened
