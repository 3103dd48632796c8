from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.empty_trash import EmptiedTrash, EmptyTrash
from ports.checkpoint import PermissionMissing
from ports.library import Asset, KitArchived, Role
from ports.repo import EntityNotFound
from ports.tags import Tag, Tagging
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
ARCHIVED = replace(KIT, archived_at=AT)
REMOVED = replace(ASSET, removed_at=AT)
HOMELESS = replace(REMOVED, id=UUID(int=40), section_id=None)
KEPT = replace(ASSET, id=UUID(int=41))
ELSEWHERE = replace(REMOVED, id=UUID(int=42), kit_id=UUID(int=20))
TAG = Tag(id=UUID(int=60), space_id=KIT.space_id, name="red")
TAGGINGS = [
    Tagging(id=UUID(int=70 + n), space_id=KIT.space_id, asset_id=asset.id, tag_id=TAG.id)
    for n, asset in enumerate([REMOVED, KEPT])
]


def empty_trash(repo: MemoryRepo) -> EmptyTrash:
    return EmptyTrash(repo=repo, checkpoint=MemoryCheckpoint(repo), kit_id=KIT.id)


async def test_what_is_in_the_trash_of_the_kit_is_gone_and_nothing_else() -> None:
    repo = MemoryRepo(KIT, REMOVED, HOMELESS, KEPT, ELSEWHERE, member("owner"))

    assert await run(empty_trash(repo)) == EmptiedTrash(assets_removed=2)

    assert (await repo.find(Asset)).items == [KEPT, ELSEWHERE]


async def test_the_tags_of_an_asset_are_taken_off_before_it_goes() -> None:
    repo = MemoryRepo(KIT, REMOVED, KEPT, TAG, *TAGGINGS, member("owner"))

    await run(empty_trash(repo))

    assert [change.before for change in repo.store.changes] == [TAGGINGS[0], REMOVED]
    assert (await repo.find(Tagging)).items == [TAGGINGS[1]]
    assert await repo.count(Tag) == 1


async def test_very_many_assets_all_go() -> None:
    many = [replace(REMOVED, id=UUID(int=1000 + n)) for n in range(450)]
    repo = MemoryRepo(KIT, *many, member("owner"))

    assert await run(empty_trash(repo)) == EmptiedTrash(assets_removed=450)
    assert await repo.count(Asset) == 0


async def test_an_empty_trash_may_be_emptied() -> None:
    repo = MemoryRepo(KIT, KEPT, member("owner"))

    assert await run(empty_trash(repo)) == EmptiedTrash(assets_removed=0)


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, REMOVED, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(empty_trash(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(empty_trash(repo))


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, REMOVED, member(role))

    assert await run(empty_trash(repo))


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    repo = MemoryRepo(KIT, REMOVED, member(role))

    with pytest.raises(PermissionMissing):
        await run(empty_trash(repo))


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    there = MemoryRepo(KIT, REMOVED, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(empty_trash(there))

    assert told == await refusal(empty_trash(MemoryRepo()))
