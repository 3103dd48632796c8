"""What every repository promises of finding and counting."""

from dataclasses import replace
from uuid import UUID

import pytest

from ports.cursor import InvalidCursor, cursor_after
from ports.library import Kit, Member, Section, Space
from ports.repo import every
from tests.adapters.storage import Storage, keep
from tests.library import KIT, OTHER_SPACE, SECTION, SPACE, member

KITS = [replace(KIT, id=UUID(int=20 + n), name=str(n)) for n in range(5)]
UNKNOWN = UUID(int=99)


async def test_find_takes_the_equal_ones_oldest_first(storage: Storage) -> None:
    elsewhere = replace(KIT, space_id=OTHER_SPACE.id)
    await keep(storage, SPACE, OTHER_SPACE, *reversed(KITS), elsewhere)

    async with storage.transaction() as ports:
        assert (await ports.repo.find(Kit, space_id=SPACE.id)).items == KITS
        assert (await ports.repo.find(Kit)).items == [elsewhere, *KITS]
        assert (await ports.repo.find(Kit, space_id=SPACE.id, name="3")).items == [KITS[3]]
        assert (await ports.repo.find(Kit, space_id=UNKNOWN)).items == []
        assert await ports.repo.count(Kit, space_id=SPACE.id) == 5
        assert await ports.repo.count(Kit) == 6


@pytest.mark.parametrize("kind", [list, set, frozenset, tuple])
async def test_several_values_are_any_of_them_and_none_of_none(storage: Storage, kind: type[list[str]]) -> None:
    await keep(storage, SPACE, *KITS)

    async with storage.transaction() as ports:
        wanted = kind(["1", "3", "none"])
        assert (await ports.repo.find(Kit, name=wanted, space_id=SPACE.id)).items == [KITS[1], KITS[3]]
        assert await ports.repo.count(Kit, name=wanted) == 2
        assert (await ports.repo.find(Kit, name=kind([]))).items == []
        assert await ports.repo.count(Kit, id=kind([])) == 0


async def test_a_field_that_the_kind_has_not_is_a_mistake(storage: Storage) -> None:
    async with storage.transaction() as ports:
        with pytest.raises(TypeError, match="colour"):
            await ports.repo.find(Kit, colour="red")
        with pytest.raises(TypeError, match="colour"):
            await ports.repo.count(Kit, **{"colour = 'red' or name": "red"})


async def test_pages_follow_each_other_to_the_end(storage: Storage) -> None:
    await keep(storage, SPACE, *KITS)

    async with storage.transaction() as ports:
        first = await ports.repo.find(Kit, limit=2, space_id=SPACE.id)
        second = await ports.repo.find(Kit, limit=2, cursor=first.next_cursor, space_id=SPACE.id)
        third = await ports.repo.find(Kit, limit=2, cursor=second.next_cursor, space_id=SPACE.id)

    assert [first.items, second.items, third.items] == [KITS[:2], KITS[2:4], KITS[4:]]
    assert third.next_cursor is None


async def test_a_page_that_is_just_full_is_the_last(storage: Storage) -> None:
    await keep(storage, SPACE, *KITS)

    async with storage.transaction() as ports:
        page = await ports.repo.find(Kit, limit=5)

    assert (page.items, page.next_cursor) == (KITS, None)


async def test_a_page_goes_on_where_an_entity_was_that_is_gone(storage: Storage) -> None:
    await keep(storage, SPACE, *KITS)

    async with storage.transaction() as ports:
        first = await ports.repo.find(Kit, limit=2)
        await ports.repo.remove(KITS[1])
        await ports.repo.add(KIT)
        assert (await ports.repo.find(Kit, cursor=first.next_cursor)).items == KITS[2:]


async def test_every_yields_all_of_them_over_the_pages(storage: Storage) -> None:
    sections = [replace(SECTION, id=UUID(int=1000 + n), name=str(n), position=n) for n in range(401)]
    await keep(storage, SPACE, KIT, *sections)

    async with storage.transaction() as ports:
        assert [section async for section in every(ports.repo, Section, kit_id=KIT.id)] == sections
        assert [section async for section in every(ports.repo, Section, kit_id=UNKNOWN)] == []


@pytest.mark.parametrize(
    "cursor",
    [
        "ä",
        "====",
        "next",
        "A",
        "\0",
        "\ud800",
        " ",
        "A" * 100_000,
        cursor_after(UNKNOWN)[:20],
        cursor_after(UNKNOWN) + "AA",
        cursor_after(UNKNOWN) + "==",
        "!" + cursor_after(UNKNOWN),
        cursor_after(UNKNOWN) + "\n",
    ],
    ids=[
        "umlaut",
        "padding",
        "word",
        "letter",
        "null",
        "surrogate",
        "space",
        "long",
        "15 bytes",
        "17 bytes",
        "more padding",
        "junk",
        "line",
    ],
)
async def test_a_cursor_that_no_page_gave_is_a_problem(storage: Storage, cursor: str) -> None:
    async with storage.transaction() as ports:
        with pytest.raises(InvalidCursor):
            await ports.repo.find(Kit, cursor=cursor)
        assert await ports.repo.count(Kit) == 0


async def test_the_cursor_of_another_list_shows_nothing_else(storage: Storage) -> None:
    await keep(storage, SPACE, OTHER_SPACE, *KITS[:3], *(replace(kit, space_id=OTHER_SPACE.id) for kit in KITS[3:]))

    async with storage.transaction() as ports:
        of_spaces = (await ports.repo.find(Space, limit=1)).next_cursor
        assert (await ports.repo.find(Kit, cursor=of_spaces, space_id=SPACE.id)).items == KITS[:3]


async def test_a_member_is_found_by_actor_over_all_spaces(storage: Storage) -> None:
    here, there = member("viewer"), member("editor", of=OTHER_SPACE)
    await keep(storage, SPACE, OTHER_SPACE, here, there)

    async with storage.transaction() as ports:
        found = (await ports.repo.find(Member, actor="tester")).items

    assert found == sorted([here, there], key=lambda m: m.id)
