from datetime import timedelta

import pytest
from pydantic_core import to_json

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.invite_member import InviteMember
from ports.action import Execution
from ports.argument import InvalidArguments, check
from ports.checkpoint import PermissionMissing
from ports.library import Member, Role
from ports.sharing import Invitation, hash_of
from tests.handlers.run import refusal, run
from tests.library import SPACE, member


def invite_member(repo: MemoryRepo) -> InviteMember:
    return InviteMember(repo=repo, checkpoint=MemoryCheckpoint(repo), space_id=SPACE.id, role="editor")


async def test_the_invitation_is_kept_and_valid_for_a_week() -> None:
    repo = MemoryRepo(member("owner"))

    made = await run(invite_member(repo))

    assert await repo.get(Invitation, made.invitation.id) == Invitation(
        id=made.invitation.id,
        space_id=SPACE.id,
        role="editor",
        invited_by="tester",
        token_hash=hash_of(made.token),
        expires_at=Execution().at + timedelta(days=7),
    )


async def test_nobody_is_a_member_by_it_yet() -> None:
    repo = MemoryRepo(member("owner"))

    await run(invite_member(repo))

    assert (await repo.find(Member)).items == [member("owner")]


async def test_the_token_is_not_kept_and_what_is_kept_of_it_is_not_told() -> None:
    repo = MemoryRepo(member("owner"))

    made = await run(invite_member(repo))

    assert made.token not in repr(repo.store)
    assert hash_of(made.token).encode() not in to_json(made)
    assert InviteMember.secret_output


async def test_no_two_tokens_are_the_same_and_each_is_long() -> None:
    repo = MemoryRepo(member("owner"))
    action = invite_member(repo)

    tokens = {(await run(action)).token for _ in range(3)}

    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 43


@pytest.mark.parametrize("wrong", [{"role": "owner"}, {"valid_days": 0}, {"valid_days": 366}])
def test_nobody_is_made_an_owner_and_no_invitation_is_for_ever(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidArguments):
        check(InviteMember.input_model, {"space_id": SPACE.id, "role": "viewer", **wrong})


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    assert await run(invite_member(MemoryRepo(member(role))))


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    assert (await refusal(invite_member(MemoryRepo(member(role)))))["code"] == PermissionMissing.code


async def test_a_stranger_cannot_tell_whether_the_space_exists() -> None:
    told = await refusal(invite_member(MemoryRepo(SPACE, member("owner", "somebody"))))

    assert told == await refusal(invite_member(MemoryRepo()))
