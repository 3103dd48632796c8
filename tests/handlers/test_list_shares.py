from dataclasses import replace
from uuid import UUID

import pytest
from pydantic_core import to_json

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.list_shares import ListShares
from ports.action import Execution
from ports.checkpoint import PermissionMissing
from ports.cursor import InvalidCursor
from ports.library import Role
from ports.repo import EntityNotFound
from ports.sharing import Share, ShareView, hash_of
from tests.handlers.run import refusal, run
from tests.library import KIT, SPACE, member

SHARES = [
    Share(id=UUID(int=80 + n), space_id=SPACE.id, kit_id=KIT.id, shared_by="ada", token_hash=hash_of(str(n)))
    for n in range(3)
]
REVOKED = replace(SHARES[0], id=UUID(int=90), token_hash=hash_of("r"), revoked_at=Execution().at)
ELSEWHERE = replace(SHARES[0], id=UUID(int=91), token_hash=hash_of("e"), kit_id=UUID(int=20))


def list_shares(repo: MemoryRepo, *, revoked: bool = False, limit: int = 50, cursor: str | None = None) -> ListShares:
    return ListShares(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        kit_id=KIT.id,
        revoked=revoked,
        limit=limit,
        cursor=cursor,
    )


async def test_the_links_to_the_kit_are_listed_oldest_first() -> None:
    page = await run(list_shares(MemoryRepo(KIT, *reversed(SHARES), REVOKED, ELSEWHERE, member("admin"))))

    assert page.items == [ShareView.of(share) for share in SHARES]
    assert page.next_cursor is None


async def test_the_revoked_ones_are_listed_apart() -> None:
    page = await run(list_shares(MemoryRepo(KIT, *SHARES, REVOKED, ELSEWHERE, member("admin")), revoked=True))

    assert page.items == [ShareView.of(REVOKED)]


async def test_an_expired_one_is_still_listed() -> None:
    expired = replace(SHARES[0], expires_at=Execution().at)

    assert (await run(list_shares(MemoryRepo(KIT, expired, member("admin"))))).items == [ShareView.of(expired)]


async def test_nothing_of_a_token_is_shown() -> None:
    page = await run(list_shares(MemoryRepo(KIT, *SHARES, member("admin"))))

    assert b"token" not in to_json(page)
    assert not any(share.token_hash.encode() in to_json(page) for share in SHARES)


async def test_a_page_goes_on_where_the_one_before_ended() -> None:
    repo = MemoryRepo(KIT, *SHARES, member("admin"))

    first = await run(list_shares(repo, limit=2))
    second = await run(list_shares(repo, limit=2, cursor=first.next_cursor))

    assert [share.id for share in first.items + second.items] == [share.id for share in SHARES]
    assert (len(first.items), second.next_cursor) == (2, None)


async def test_a_cursor_that_no_page_gave_is_a_problem() -> None:
    with pytest.raises(InvalidCursor):
        await run(list_shares(MemoryRepo(KIT, member("admin")), cursor="next"))


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    assert (await refusal(list_shares(MemoryRepo(member("owner")))))["code"] == EntityNotFound.code


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    assert (await run(list_shares(MemoryRepo(KIT, *SHARES, member(role))))).items


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    assert (await refusal(list_shares(MemoryRepo(KIT, member(role)))))["code"] == PermissionMissing.code


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    told = await refusal(list_shares(MemoryRepo(KIT, *SHARES, member("owner", "somebody"))))

    assert told == await refusal(list_shares(MemoryRepo()))
