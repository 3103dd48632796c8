from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.accept_invitation import AcceptInvitation
from ports.action import Execution
from ports.entity import E
from ports.library import AlreadyMember, Member, Role
from ports.sharing import Invitation, LinkNotValid, hash_of
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, SPACE, member

TOKEN = "the token that ada was given"
AT = Execution().at
INVITATION = Invitation(
    id=UUID(int=70),
    space_id=SPACE.id,
    role="editor",
    invited_by="founder",
    token_hash=hash_of(TOKEN),
    expires_at=AT + timedelta(seconds=1),
)
FOUNDER = member("owner", "founder")


def accept_invitation(
    repo: MemoryRepo, token: str = TOKEN, checkpoint: MemoryCheckpoint | None = None
) -> AcceptInvitation:
    return AcceptInvitation(repo=repo, checkpoint=checkpoint or MemoryCheckpoint(repo), token=token)


async def test_who_holds_the_token_is_a_member_in_the_role_offered() -> None:
    repo = MemoryRepo(INVITATION, FOUNDER)

    joined = await run(accept_invitation(repo))

    assert joined == Member(id=joined.id, space_id=SPACE.id, actor="tester", role="editor")
    assert await repo.get(Member, joined.id) == joined


async def test_the_invitation_says_who_accepted_it() -> None:
    repo = MemoryRepo(INVITATION, FOUNDER)

    await run(accept_invitation(repo))

    assert await repo.get(Invitation, INVITATION.id) == replace(INVITATION, accepted_by="tester", version=2)


async def test_it_is_on_the_record_of_the_space() -> None:
    repo = MemoryRepo(INVITATION, FOUNDER)
    checkpoint = MemoryCheckpoint(repo)

    await run(accept_invitation(repo, checkpoint=checkpoint))

    await checkpoint.confirm()
    assert checkpoint.space_id == SPACE.id


@pytest.mark.parametrize(
    "kept",
    [
        [FOUNDER],
        [FOUNDER, replace(INVITATION, token_hash=hash_of("another"))],
        [FOUNDER, replace(INVITATION, token_hash=TOKEN)],
        [FOUNDER, replace(INVITATION, accepted_by="ada")],
        [FOUNDER, replace(INVITATION, accepted_by="tester")],
        [FOUNDER, replace(INVITATION, expires_at=AT)],
        [FOUNDER, replace(INVITATION, expires_at=AT - timedelta(days=1))],
        [INVITATION],
        [INVITATION, member("editor", "founder")],
        [INVITATION, member("owner", "founder", of=OTHER_SPACE)],
    ],
    ids=[
        "unknown",
        "another's",
        "by its hash",
        "used",
        "used by oneself",
        "expiring",
        "expired",
        "inviter gone",
        "inviter demoted",
        "inviter elsewhere",
    ],
)
async def test_a_link_that_is_not_valid_is_one_and_the_same_problem(kept: list[Invitation | Member]) -> None:
    repo = MemoryRepo(*kept)

    assert await refusal(accept_invitation(repo)) == LinkNotValid().document()

    assert repo.store.changes == []


async def test_what_was_used_after_the_first_look_is_used() -> None:
    used: dict[str, Any] = {"accepted_by": "ada"}

    class UsedBeforeTheLock(MemoryRepo):
        async def lock(self, kind: type[E], id: UUID, /) -> E:
            return replace(await self.get(kind, id), **used)

    assert (await refusal(accept_invitation(UsedBeforeTheLock(INVITATION, FOUNDER))))["code"] == LinkNotValid.code


async def test_who_is_a_member_already_keeps_the_role_and_the_invitation_its_worth() -> None:
    repo = MemoryRepo(INVITATION, FOUNDER, member("viewer"))

    told = await refusal(accept_invitation(repo))

    assert (told["code"], told["actor"]) == (AlreadyMember.code, "tester")
    assert repo.store.changes == []


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
async def test_an_invitation_gives_its_own_role(role: Role) -> None:
    assert (await run(accept_invitation(MemoryRepo(replace(INVITATION, role=role), FOUNDER)))).role == role


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_invitation_stands_while_its_inviter_may_invite(role: Role) -> None:
    assert await run(accept_invitation(MemoryRepo(INVITATION, member(role, "founder"))))


def test_the_token_is_on_no_record() -> None:
    assert AcceptInvitation.secrets == {"token"}
