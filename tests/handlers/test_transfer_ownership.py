from dataclasses import replace

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.transfer_ownership import TransferOwnership
from ports.checkpoint import PermissionMissing
from ports.library import Member, NotAMember, Role
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, SPACE, member

ADA = member("editor", "ada")


def transfer_ownership(
    repo: MemoryRepo, actor: str = "ada", checkpoint: MemoryCheckpoint | None = None
) -> TransferOwnership:
    checkpoint = checkpoint or MemoryCheckpoint(repo)
    return TransferOwnership(repo=repo, checkpoint=checkpoint, space_id=SPACE.id, actor=actor)


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
async def test_the_member_is_the_owner_and_the_owner_an_admin(role: Role) -> None:
    ada = member(role, "ada")
    repo = MemoryRepo(ada, member("owner"))
    checkpoint = MemoryCheckpoint(repo)

    assert await run(transfer_ownership(repo, checkpoint=checkpoint)) == replace(ada, role="owner", version=2)

    await checkpoint.confirm()
    assert await repo.get(Member, member("owner").id) == replace(member("admin"), version=2)


async def test_the_old_owner_steps_down_before_the_new_one_is_made() -> None:
    repo = MemoryRepo(ADA, member("owner"))

    await run(transfer_ownership(repo))

    assert [change.after for change in repo.store.changes] == [
        replace(member("admin"), version=2),
        replace(ADA, role="owner", version=2),
    ]


async def test_one_who_is_no_member_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"), member("editor", "ada", of=OTHER_SPACE))

    told = await refusal(transfer_ownership(repo))

    assert (told["code"], told["actor"]) == (NotAMember.code, "ada")
    assert await repo.get(Member, member("owner").id) == member("owner")


async def test_to_oneself_it_changes_nothing() -> None:
    repo = MemoryRepo(member("owner"))

    assert await run(transfer_ownership(repo, "tester")) == member("owner")

    assert repo.store.changes == []


async def test_who_is_owner_no_more_after_the_first_look_has_nothing_to_transfer() -> None:
    repo = MemoryRepo(ADA, member("owner"))
    action = transfer_ownership(repo)
    await action.validate()
    await repo.save(member("admin"))

    with pytest.raises(PermissionMissing):
        await action.execute()

    assert await repo.get(Member, ADA.id) == ADA


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
async def test_nobody_but_the_owner_may(role: Role) -> None:
    repo = MemoryRepo(ADA, member(role))

    for actor in ("ada", "tester"):
        assert (await refusal(transfer_ownership(repo, actor)))["code"] == PermissionMissing.code


async def test_a_stranger_cannot_tell_whether_the_space_or_the_member_exists() -> None:
    told = await refusal(transfer_ownership(MemoryRepo(SPACE, ADA)))

    assert told == await refusal(transfer_ownership(MemoryRepo()))
