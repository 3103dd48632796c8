import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.remove_member import RemoveMember
from ports.checkpoint import PermissionMissing
from ports.library import Member, NotAMember, OwnerStays, Role
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, SPACE, member

ADA = member("editor", "ada")


def remove_member(repo: MemoryRepo, actor: str = "ada", checkpoint: MemoryCheckpoint | None = None) -> RemoveMember:
    checkpoint = checkpoint or MemoryCheckpoint(repo)
    return RemoveMember(repo=repo, checkpoint=checkpoint, space_id=SPACE.id, actor=actor)


async def test_the_member_is_gone_and_returned() -> None:
    repo = MemoryRepo(ADA, member("owner"))

    assert await run(remove_member(repo)) == ADA

    assert (await repo.find(Member)).items == [member("owner")]


async def test_a_membership_of_another_space_stays() -> None:
    elsewhere = member("editor", "ada", of=OTHER_SPACE)
    repo = MemoryRepo(ADA, elsewhere, member("owner"))

    await run(remove_member(repo))

    assert await repo.get(Member, elsewhere.id) == elsewhere


async def test_one_who_is_no_member_is_a_problem() -> None:
    with pytest.raises(NotAMember) as raised:
        await run(remove_member(MemoryRepo(member("owner"), member("editor", "ada", of=OTHER_SPACE))))

    assert raised.value.document()["actor"] == "ada"


async def test_an_owner_stays() -> None:
    repo = MemoryRepo(member("owner", "ada"), member("owner"))

    with pytest.raises(OwnerStays):
        await run(remove_member(repo))

    assert await repo.count(Member) == 2


async def test_an_admin_may_leave() -> None:
    repo = MemoryRepo(member("admin"))
    checkpoint = MemoryCheckpoint(repo)

    await run(remove_member(repo, "tester", checkpoint))

    await checkpoint.confirm()
    assert await repo.count(Member) == 0


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    assert await run(remove_member(MemoryRepo(ADA, member(role))))


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    with pytest.raises(PermissionMissing):
        await run(remove_member(MemoryRepo(ADA, member(role))))


async def test_a_stranger_cannot_tell_whether_the_space_or_the_member_exists() -> None:
    told = await refusal(remove_member(MemoryRepo(SPACE, ADA)))

    assert told == await refusal(remove_member(MemoryRepo()))
