from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.list_kits import ListKits
from ports.cursor import InvalidCursor
from ports.entity import Page
from ports.library import Kit, Role
from tests.handlers.run import refusal, run
from tests.library import KIT, OTHER_SPACE, SPACE, member

KITS = [replace(KIT, id=UUID(int=20 + n), name=str(n)) for n in range(5)]


def list_kits(repo: MemoryRepo, *, archived: bool = False, limit: int = 50, cursor: str | None = None) -> ListKits:
    return ListKits(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        space_id=SPACE.id,
        archived=archived,
        limit=limit,
        cursor=cursor,
    )


async def test_the_kits_of_the_space_are_listed_oldest_first() -> None:
    elsewhere = replace(KIT, space_id=OTHER_SPACE.id)

    page = await run(list_kits(MemoryRepo(*reversed(KITS), elsewhere, member("viewer"))))

    assert page == Page(items=KITS, next_cursor=None)


async def test_archived_kits_are_left_out_or_listed_alone() -> None:
    archived = replace(KIT, archived_at=datetime(2026, 1, 1, tzinfo=UTC))
    repo = MemoryRepo(archived, *KITS, member("viewer"))

    assert (await run(list_kits(repo))).items == KITS
    assert (await run(list_kits(repo, archived=True))).items == [archived]


async def test_a_space_without_kits_has_an_empty_page() -> None:
    assert await run(list_kits(MemoryRepo(member("viewer")))) == Page[Kit](items=[], next_cursor=None)


async def test_a_page_goes_on_where_the_one_before_ended() -> None:
    repo = MemoryRepo(*KITS, member("viewer"))

    first = await run(list_kits(repo, limit=3))
    second = await run(list_kits(repo, limit=3, cursor=first.next_cursor))

    assert (first.items, second.items, second.next_cursor) == (KITS[:3], KITS[3:], None)


async def test_a_cursor_that_no_page_gave_is_a_problem() -> None:
    with pytest.raises(InvalidCursor):
        await run(list_kits(MemoryRepo(member("viewer")), cursor="next"))


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", "owner"])
async def test_every_member_may(role: Role) -> None:
    assert await run(list_kits(MemoryRepo(member(role))))


async def test_a_stranger_cannot_tell_whether_the_space_exists() -> None:
    told = await refusal(list_kits(MemoryRepo(SPACE, *KITS, member("owner", "somebody"))))

    assert told == await refusal(list_kits(MemoryRepo()))
