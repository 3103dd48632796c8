from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint, OpenCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.create_kit import CreateKit
from ports.checkpoint import PermissionMissing
from ports.library import Kit, KitNameTaken, Role
from tests.handlers.run import refusal, run
from tests.library import KIT, OTHER_SPACE, SPACE, member


def create_kit(repo: MemoryRepo, *, name: str = "Red", space_id: UUID = SPACE.id) -> CreateKit:
    return CreateKit(repo=repo, checkpoint=MemoryCheckpoint(repo), space_id=space_id, name=name)


async def test_a_new_kit_is_stored() -> None:
    repo = MemoryRepo()

    kit = await CreateKit(repo=repo, checkpoint=OpenCheckpoint(), space_id=SPACE.id, name="Red").execute()

    assert await repo.get(Kit, kit.id) == Kit(id=kit.id, space_id=SPACE.id, name="Red", visibility="private")


async def test_a_kit_may_be_public() -> None:
    repo = MemoryRepo()

    kit = await CreateKit(
        repo=repo, checkpoint=OpenCheckpoint(), space_id=SPACE.id, name="Red", visibility="public"
    ).execute()

    assert kit.visibility == "public"


async def test_a_taken_name_is_a_problem() -> None:
    with pytest.raises(KitNameTaken) as raised:
        await run(create_kit(MemoryRepo(KIT, member("owner")), name=KIT.name))

    assert raised.value.document()["name"] == KIT.name


async def test_another_space_may_have_a_kit_of_the_same_name() -> None:
    repo = MemoryRepo(KIT, member("owner", of=OTHER_SPACE))

    await run(create_kit(repo, name=KIT.name, space_id=OTHER_SPACE.id))

    assert await repo.count(Kit, name=KIT.name) == 2


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    assert await run(create_kit(MemoryRepo(member(role))))


async def test_a_viewer_may_not() -> None:
    with pytest.raises(PermissionMissing):
        await run(create_kit(MemoryRepo(member("viewer"))))


async def test_a_role_in_another_space_is_none_in_this() -> None:
    repo = MemoryRepo(SPACE, member("owner", of=OTHER_SPACE))

    assert (await refusal(create_kit(repo)))["code"] == "entity_not_found"


async def test_a_stranger_cannot_tell_whether_the_space_or_the_name_exists() -> None:
    present = MemoryRepo(SPACE, KIT, member("owner", "somebody"))

    told = await refusal(create_kit(present, name=KIT.name))

    assert told == await refusal(create_kit(MemoryRepo(), name=KIT.name))
    assert told["code"] == "entity_not_found"
