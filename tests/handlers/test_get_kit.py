from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from adapters.memory.usage import MemoryUsage
from handlers.get_kit import GetKit, KitContents
from ports.library import Role
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, SECTION, member

FIRST = SECTION
SECOND = replace(SECTION, id=UUID(int=31), name="Icons", position=1)
ELSEWHERE = UUID(int=20)


def get_kit(repo: MemoryRepo) -> GetKit:
    return GetKit(repo=repo, checkpoint=MemoryCheckpoint(repo), usage=MemoryUsage(repo.store), kit_id=KIT.id)


async def test_a_kit_comes_with_its_sections_and_the_count_of_its_assets() -> None:
    repo = MemoryRepo(KIT, FIRST, ASSET, replace(ASSET, id=UUID(int=40), name="b.svg"), member("viewer"))

    assert await run(get_kit(repo)) == KitContents(kit=KIT, sections=[FIRST], asset_count=2)


async def test_the_trash_is_not_counted() -> None:
    removed = replace(ASSET, id=UUID(int=40), removed_at=datetime(2026, 1, 1, tzinfo=UTC))

    contents = await run(get_kit(MemoryRepo(KIT, FIRST, ASSET, removed, member("viewer"))))

    assert contents.asset_count == 1


async def test_sections_are_in_the_order_of_their_positions() -> None:
    moved = replace(FIRST, position=2)

    contents = await run(get_kit(MemoryRepo(KIT, moved, SECOND, member("viewer"))))

    assert contents.sections == [SECOND, moved]


async def test_all_of_very_many_sections_are_there() -> None:
    many = [replace(SECTION, id=UUID(int=1000 + n), name=str(n), position=n) for n in range(450)]

    contents = await run(get_kit(MemoryRepo(KIT, *many, member("viewer"))))

    assert contents.sections == many


async def test_what_another_kit_holds_is_left_out() -> None:
    repo = MemoryRepo(KIT, replace(SECTION, kit_id=ELSEWHERE), replace(ASSET, kit_id=ELSEWHERE), member("viewer"))

    assert await run(get_kit(repo)) == KitContents(kit=KIT, sections=[], asset_count=0)


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    with pytest.raises(EntityNotFound):
        await run(get_kit(MemoryRepo(member("owner"))))


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", "owner"])
async def test_every_member_may(role: Role) -> None:
    assert await run(get_kit(MemoryRepo(KIT, member(role))))


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    told = await refusal(get_kit(MemoryRepo(KIT, member("owner", "somebody"))))

    assert told == await refusal(get_kit(MemoryRepo()))


async def test_a_public_kit_is_read_by_everybody() -> None:
    public = replace(KIT, visibility="public")

    assert (await run(get_kit(MemoryRepo(public, SECTION)))).kit == public


async def test_a_public_kit_that_is_archived_is_for_members() -> None:
    archived = replace(KIT, visibility="public", archived_at=datetime(2026, 1, 1, tzinfo=UTC))

    with pytest.raises(EntityNotFound):
        await run(get_kit(MemoryRepo(archived, SECTION)))
