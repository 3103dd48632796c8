import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.add_member import AddMember
from ports.argument import InvalidArguments, check
from ports.checkpoint import PermissionMissing
from ports.library import AlreadyMember, Member, Role
from tests.handlers.run import refusal, run
from tests.library import SPACE, member


def add_member(repo: MemoryRepo, actor: str = "ada") -> AddMember:
    return AddMember(repo=repo, checkpoint=MemoryCheckpoint(repo), space_id=SPACE.id, actor=actor, role="editor")


async def test_a_new_member_is_stored_with_the_role() -> None:
    repo = MemoryRepo(member("owner"))

    added = await run(add_member(repo))

    assert await repo.get(Member, added.id) == Member(id=added.id, space_id=SPACE.id, actor="ada", role="editor")


async def test_whoever_is_a_member_already_is_a_problem_and_keeps_the_role() -> None:
    repo = MemoryRepo(member("owner"), member("viewer", "ada"))

    with pytest.raises(AlreadyMember) as raised:
        await run(add_member(repo))

    assert raised.value.document()["actor"] == "ada"
    assert await repo.get(Member, member("viewer", "ada").id) == member("viewer", "ada")


def test_nobody_is_made_an_owner() -> None:
    with pytest.raises(InvalidArguments):
        check(AddMember.input_model, {"space_id": SPACE.id, "actor": "ada", "role": "owner"})


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    assert await run(add_member(MemoryRepo(member(role))))


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    with pytest.raises(PermissionMissing):
        await run(add_member(MemoryRepo(member(role))))


async def test_a_stranger_cannot_tell_whether_the_space_or_the_member_exists() -> None:
    told = await refusal(add_member(MemoryRepo(SPACE, member("owner", "ada"))))

    assert told == await refusal(add_member(MemoryRepo()))
