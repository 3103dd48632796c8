from dataclasses import replace
from typing import Literal

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.change_member_role import ChangeMemberRole
from ports.argument import InvalidArguments, check
from ports.checkpoint import PermissionMissing
from ports.library import Member, NotAMember, OwnerStays, Role
from ports.repo import VersionMismatch
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, SPACE, member

ADA = member("viewer", "ada")


def change_member_role(
    repo: MemoryRepo,
    actor: str = "ada",
    *,
    role: Literal["viewer", "editor", "admin"] = "editor",
    expected_version: int = 1,
    checkpoint: MemoryCheckpoint | None = None,
) -> ChangeMemberRole:
    return ChangeMemberRole(
        repo=repo,
        checkpoint=checkpoint or MemoryCheckpoint(repo),
        space_id=SPACE.id,
        actor=actor,
        role=role,
        expected_version=expected_version,
    )


async def test_the_member_has_the_new_role_and_next_version() -> None:
    repo = MemoryRepo(ADA, member("owner"))

    changed = await run(change_member_role(repo))

    assert changed == replace(ADA, role="editor", version=2)
    assert await repo.get(Member, ADA.id) == changed


async def test_a_role_in_another_space_stays() -> None:
    elsewhere = member("viewer", "ada", of=OTHER_SPACE)
    repo = MemoryRepo(ADA, elsewhere, member("owner"))

    await run(change_member_role(repo))

    assert await repo.get(Member, elsewhere.id) == elsewhere


async def test_one_who_is_no_member_is_a_problem() -> None:
    told = await refusal(change_member_role(MemoryRepo(member("owner"), member("viewer", "ada", of=OTHER_SPACE))))

    assert (told["code"], told["actor"]) == (NotAMember.code, "ada")


async def test_the_owner_stays_the_owner() -> None:
    repo = MemoryRepo(member("owner", "ada"), member("admin"))

    assert (await refusal(change_member_role(repo)))["code"] == OwnerStays.code
    assert await repo.get(Member, ADA.id) == member("owner", "ada")


async def test_the_owner_cannot_give_the_ownership_up_by_a_lower_role() -> None:
    assert (await refusal(change_member_role(MemoryRepo(member("owner")), "tester")))["code"] == OwnerStays.code


def test_nobody_is_made_an_owner() -> None:
    sent = {"space_id": SPACE.id, "actor": "ada", "role": "owner", "expected_version": 1}

    with pytest.raises(InvalidArguments):
        check(ChangeMemberRole.input_model, sent)


async def test_who_saw_an_older_role_is_told_the_present_version() -> None:
    told = await refusal(change_member_role(MemoryRepo(replace(ADA, version=3), member("owner")), expected_version=2))

    assert (told["code"], told["current_version"]) == (VersionMismatch.code, 3)


async def test_an_admin_may_take_a_lower_role() -> None:
    repo = MemoryRepo(member("admin"))
    checkpoint = MemoryCheckpoint(repo)

    await run(change_member_role(repo, "tester", role="viewer", checkpoint=checkpoint))

    await checkpoint.confirm()
    assert (await repo.get(Member, member("admin").id)).role == "viewer"


async def test_who_was_demoted_after_the_first_look_cannot_undo_that() -> None:
    repo = MemoryRepo(member("admin"))
    action = change_member_role(repo, "tester", role="admin", expected_version=2)
    await action.validate()
    await repo.save(member("viewer"))

    with pytest.raises(PermissionMissing):
        await action.execute()

    assert (await repo.get(Member, member("admin").id)).role == "viewer"


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    assert await run(change_member_role(MemoryRepo(ADA, member(role))))


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    repo = MemoryRepo(ADA, member(role))

    for actor in ("ada", "tester"):
        assert (await refusal(change_member_role(repo, actor)))["code"] == PermissionMissing.code


async def test_a_stranger_cannot_tell_whether_the_space_or_the_member_exists() -> None:
    told = await refusal(change_member_role(MemoryRepo(SPACE, ADA)))

    assert told == await refusal(change_member_role(MemoryRepo()))
