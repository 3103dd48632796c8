"""What spaces, kits and tags hold, counted in memory and in PostgreSQL, and the quota of a space."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from ports.library import Asset
from ports.usage import QuotaExceeded
from tests.adapters.storage import PostgresStorage, Storage, keep
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, SPACE, TAG, TAGGING

OTHER_KIT = replace(KIT, id=UUID(int=20), name="Shop")
OTHER_SECTION = replace(SECTION, id=UUID(int=30), kit_id=OTHER_KIT.id)
LIBRARY = (SPACE, KIT, OTHER_KIT, SECTION, OTHER_SECTION, TAG)


def asset(number: int, *, size: int = 100) -> Asset:
    return replace(ASSET, id=UUID(int=1000 + number), name=f"{number}.svg", size=size)


async def counts(storage: Storage) -> tuple[int, int, int]:
    """The assets of the kit, the other kit and the tag."""
    asked = (KIT.id, OTHER_KIT.id, TAG.id)
    async with storage.transaction(readonly=True) as ports:
        held = await ports.usage.assets_of(asked)
    return held[KIT.id], held[OTHER_KIT.id], held[TAG.id]


async def test_what_holds_nothing_counts_none(storage: Storage) -> None:
    assert await counts(storage) == (0, 0, 0)


async def test_what_is_added_counts(storage: Storage) -> None:
    await keep(storage, *LIBRARY, ASSET, asset(1), TAGGING)

    assert await counts(storage) == (2, 0, 1)


async def test_what_moves_counts_where_it_is(storage: Storage) -> None:
    await keep(storage, *LIBRARY, ASSET, asset(1), TAGGING)

    async with storage.transaction() as ports:
        await ports.repo.save(replace(ASSET, kit_id=OTHER_KIT.id, section_id=OTHER_SECTION.id))

    assert await counts(storage) == (1, 1, 1)


async def test_the_trash_counts_for_the_tag_but_not_for_the_kit(storage: Storage) -> None:
    await keep(storage, *LIBRARY, ASSET, asset(1), TAGGING)

    async with storage.transaction() as ports:
        removed = await ports.repo.save(replace(ASSET, removed_at=ports.at))
    assert await counts(storage) == (1, 0, 1)

    async with storage.transaction() as ports:
        await ports.repo.save(replace(removed, removed_at=None))
    assert await counts(storage) == (2, 0, 1)


async def test_what_is_gone_counts_no_more(storage: Storage) -> None:
    await keep(storage, *LIBRARY, ASSET, asset(1), TAGGING)

    async with storage.transaction() as ports:
        await ports.repo.remove(TAGGING)
        await ports.repo.remove(ASSET)

    assert await counts(storage) == (1, 0, 0)


async def test_what_was_undone_does_not_count(storage: Storage) -> None:
    await keep(storage, *LIBRARY, ASSET)

    async with storage.transaction() as ports:
        with pytest.raises(KeyError):
            async with ports.unit.savepoint():
                await ports.repo.add(asset(1))
                raise KeyError
        await ports.repo.add(asset(2))

    assert await counts(storage) == (2, 0, 0)


@pytest.mark.parametrize("size", [100, 101], ids=["assets", "bytes"])
async def test_a_space_is_filled_to_its_quota_and_no_further(storage: Storage, size: int) -> None:
    most = 10 if size == 100 else 9
    await keep(storage, *LIBRARY, *(asset(number, size=size) for number in range(most)))

    with pytest.raises(QuotaExceeded) as raised:
        await keep(storage, asset(most, size=size))

    assert (raised.value.resource, raised.value.limit) == (("assets", 10) if size == 100 else ("bytes", 1000))
    assert await counts(storage) == (most, 0, 0)


async def test_a_full_space_can_be_changed_and_emptied(storage: Storage) -> None:
    assets = [asset(number) for number in range(10)]
    await keep(storage, *LIBRARY, *assets)

    async with storage.transaction() as ports:
        await ports.repo.save(replace(assets[0], name="other.svg"))
        await ports.repo.save(replace(assets[1], size=50))
        await ports.repo.remove(assets[2])
        await ports.repo.add(asset(11))

    assert await counts(storage) == (10, 0, 0)


async def test_the_trash_fills_the_space(storage: Storage) -> None:
    assets = [asset(number) for number in range(10)]
    await keep(storage, *LIBRARY, *assets)
    async with storage.transaction() as ports:
        await ports.repo.save(replace(assets[0], removed_at=ports.at))

    with pytest.raises(QuotaExceeded):
        await keep(storage, asset(10))


async def test_one_space_leaves_another_its_quota(storage: Storage) -> None:
    await keep(storage, *LIBRARY, *(asset(number) for number in range(10)))
    kit = replace(KIT, id=UUID(int=50), space_id=OTHER_SPACE.id)
    section = replace(SECTION, id=UUID(int=51), space_id=OTHER_SPACE.id, kit_id=kit.id)

    await keep(
        storage, OTHER_SPACE, kit, section,
        replace(ASSET, space_id=OTHER_SPACE.id, kit_id=kit.id, section_id=section.id),
    )  # fmt: skip


async def test_of_twelve_at_once_ten_find_room(database_storage: PostgresStorage) -> None:
    await keep(database_storage, *LIBRARY)

    ends = await asyncio.gather(*(keep(database_storage, asset(n)) for n in range(12)), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ends if isinstance(end, Exception)) == ["QuotaExceeded"] * 2
    assert await counts(database_storage) == (10, 0, 0)
    rows = await database_storage.rows("select assets, bytes from usage where id = $1", SPACE.id)
    assert rows == [(10, 1000)]
    assert await database_storage.rows("select count(*) from assets") == [(10,)]


async def test_what_holds_nothing_any_more_has_no_row(database_storage: PostgresStorage) -> None:
    await keep(database_storage, *LIBRARY, ASSET)
    async with database_storage.transaction() as ports:
        await ports.repo.remove(ASSET)

    assert await database_storage.rows("select id from usage") == []
