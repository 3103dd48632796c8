import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.leave_space import LeaveSpace
from ports.library import Member, NotAMember, OwnerStays, Role
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, SPACE, member


def leave_space(repo: MemoryRepo, checkpoint: MemoryCheckpoint | None = None) -> LeaveSpace:
    return LeaveSpace(repo=repo, checkpoint=checkpoint or MemoryCheckpoint(repo), space_id=SPACE.id)


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
async def test_a_member_may_leave_and_is_gone(role: Role) -> None:
    repo = MemoryRepo(member(role), member("owner", "ada"))
    checkpoint = MemoryCheckpoint(repo)

    assert await run(leave_space(repo, checkpoint)) == member(role)

    await checkpoint.confirm()
    assert (await repo.find(Member)).items == [member("owner", "ada")]


async def test_a_membership_of_another_space_stays() -> None:
    elsewhere = member("editor", of=OTHER_SPACE)
    repo = MemoryRepo(member("editor"), elsewhere)

    await run(leave_space(repo))

    assert (await repo.find(Member)).items == [elsewhere]


async def test_the_owner_stays() -> None:
    repo = MemoryRepo(member("owner"), member("admin", "ada"))

    assert (await refusal(leave_space(repo)))["code"] == OwnerStays.code
    assert await repo.count(Member) == 2


async def test_who_was_removed_meanwhile_is_told() -> None:
    repo = MemoryRepo(member("editor"))
    action = leave_space(repo)
    await action.validate()
    await repo.remove(member("editor"))

    with pytest.raises(NotAMember) as raised:
        await action.execute()

    assert isinstance(raised.value, action.problems)


async def test_a_stranger_cannot_tell_whether_the_space_exists() -> None:
    told = await refusal(leave_space(MemoryRepo(SPACE, member("owner", "somebody"))))

    assert told == await refusal(leave_space(MemoryRepo()))
