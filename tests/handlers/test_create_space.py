import pytest

from adapters.memory.repo import MemoryRepo
from handlers.create_space import CreateSpace
from ports.action import Caller, Execution
from ports.library import Member, Space, SpaceNameTaken
from tests.handlers.run import run
from tests.library import SPACE

FOUNDER = Execution(caller=Caller(actor=SPACE.created_by))


async def test_a_new_space_is_stored() -> None:
    repo = MemoryRepo()

    space = await CreateSpace(repo=repo, name="Design").execute()

    assert await repo.get(Space, space.id) == Space(id=space.id, name="Design", created_by="tester")


async def test_its_creator_is_its_one_member_and_owner() -> None:
    repo = MemoryRepo()

    space = await CreateSpace(repo=repo, name="Design").execute()

    assert [(m.space_id, m.actor, m.role) for m in (await repo.find(Member)).items] == [(space.id, "tester", "owner")]


async def test_a_name_that_its_creator_has_used_is_a_problem() -> None:
    repo = MemoryRepo(SPACE)

    with pytest.raises(SpaceNameTaken):
        await run(CreateSpace(repo=repo, name=SPACE.name, execution=FOUNDER))

    assert await repo.count(Member) == 0


async def test_a_name_that_somebody_else_has_used_tells_nothing_of_them() -> None:
    assert await run(CreateSpace(repo=MemoryRepo(SPACE), name=SPACE.name))
