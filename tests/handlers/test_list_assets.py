from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.list_assets import ListAssets
from ports.cursor import InvalidCursor
from ports.entity import Page
from ports.library import Role
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, SECTION, member

ASSETS = [replace(ASSET, id=UUID(int=40 + n), name=f"{n}.svg") for n in range(5)]
ELSEWHERE = UUID(int=20)
REMOVED = replace(ASSET, id=UUID(int=60), removed_at=datetime(2026, 1, 1, tzinfo=UTC))


def list_assets(
    repo: MemoryRepo,
    *,
    section_id: UUID | None = None,
    removed: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> ListAssets:
    return ListAssets(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        kit_id=KIT.id,
        section_id=section_id,
        removed=removed,
        limit=limit,
        cursor=cursor,
    )


async def test_the_assets_of_the_kit_are_listed_oldest_first() -> None:
    elsewhere = replace(ASSET, kit_id=ELSEWHERE)

    page = await run(list_assets(MemoryRepo(KIT, *reversed(ASSETS), elsewhere, member("viewer"))))

    assert page == Page(items=ASSETS, next_cursor=None)


async def test_the_assets_of_one_section_are_listed_alone() -> None:
    other = replace(ASSET, section_id=UUID(int=31))

    page = await run(list_assets(MemoryRepo(KIT, *ASSETS, other, member("viewer")), section_id=SECTION.id))

    assert page.items == ASSETS


async def test_a_section_of_another_kit_shows_nothing() -> None:
    hidden = replace(ASSET, kit_id=ELSEWHERE, section_id=UUID(int=31))

    page = await run(list_assets(MemoryRepo(KIT, hidden, member("viewer")), section_id=hidden.section_id))

    assert page.items == []


async def test_the_trash_is_left_out_or_listed_alone() -> None:
    repo = MemoryRepo(KIT, *ASSETS, REMOVED, replace(REMOVED, id=UUID(int=61), kit_id=ELSEWHERE), member("viewer"))

    assert (await run(list_assets(repo))).items == ASSETS
    assert (await run(list_assets(repo, removed=True))).items == [REMOVED]


async def test_a_page_goes_on_where_the_one_before_ended() -> None:
    repo = MemoryRepo(KIT, *ASSETS, member("viewer"))

    first = await run(list_assets(repo, limit=3))
    second = await run(list_assets(repo, limit=3, cursor=first.next_cursor))

    assert (first.items, second.items, second.next_cursor) == (ASSETS[:3], ASSETS[3:], None)


async def test_a_cursor_that_no_page_gave_is_a_problem() -> None:
    with pytest.raises(InvalidCursor):
        await run(list_assets(MemoryRepo(KIT, member("viewer")), cursor="next"))


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    with pytest.raises(EntityNotFound):
        await run(list_assets(MemoryRepo(member("owner"))))


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", "owner"])
async def test_every_member_may(role: Role) -> None:
    assert await run(list_assets(MemoryRepo(KIT, member(role))))


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    told = await refusal(list_assets(MemoryRepo(KIT, *ASSETS, member("owner", "somebody"))))

    assert told == await refusal(list_assets(MemoryRepo()))


async def test_who_added_them_is_for_members_to_know() -> None:
    public, added = replace(KIT, visibility="public"), replace(ASSET, added_by="ada")

    assert (await run(list_assets(MemoryRepo(public, added, member("viewer"))))).items == [added]
    assert (await run(list_assets(MemoryRepo(public, added)))).items == [ASSET]


async def test_those_of_a_public_kit_are_listed_for_everybody_but_its_trash() -> None:
    repo = MemoryRepo(replace(KIT, visibility="public"), ASSET, REMOVED)

    assert (await run(list_assets(repo))).items == [ASSET]
    with pytest.raises(EntityNotFound):
        await run(list_assets(repo, removed=True))
