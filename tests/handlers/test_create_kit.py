from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint, OpenCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.create_kit import CreateKit
from ports.checkpoint import PermissionMissing
from ports.library import Kit, KitNameTaken, Member
from ports.repo import EntityNotFound

SPACE = UUID(int=1)


async def test_a_new_kit_is_stored() -> None:
    repo = MemoryRepo()

    kit = await CreateKit(repo=repo, checkpoint=OpenCheckpoint(), space_id=SPACE, name="Red").execute()

    assert await repo.get(Kit, kit.id) == Kit(id=kit.id, space_id=SPACE, name="Red", visibility="private")


async def test_a_taken_name_is_a_problem() -> None:
    repo = MemoryRepo(Kit(id=UUID(int=2), space_id=SPACE, name="Red"))

    with pytest.raises(KitNameTaken):
        await CreateKit(repo=repo, checkpoint=OpenCheckpoint(), space_id=SPACE, name="Red").execute()


async def test_a_viewer_may_not() -> None:
    repo = MemoryRepo(Member(id=UUID(int=3), space_id=SPACE, actor="tester", role="viewer"))

    with pytest.raises(PermissionMissing):
        await CreateKit(repo=repo, checkpoint=MemoryCheckpoint(repo), space_id=SPACE, name="Red").validate()


async def test_to_a_stranger_the_space_is_not_there() -> None:
    repo = MemoryRepo()

    with pytest.raises(EntityNotFound):
        await CreateKit(repo=repo, checkpoint=MemoryCheckpoint(repo), space_id=SPACE, name="Red").validate()
