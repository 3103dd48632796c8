from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.delete_space import DeleteSpace
from ports.checkpoint import PermissionMissing
from ports.kits import SpaceInUse
from ports.library import Member, Role, Space
from ports.repo import EntityNotFound
from ports.sharing import Invitation, Share
from ports.tags import Tag, Tagging
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, SPACE, member

ARCHIVED = replace(KIT, archived_at=datetime(2026, 1, 1, tzinfo=UTC))
TAG = Tag(id=UUID(int=60), space_id=SPACE.id, name="red")
TAGGING = Tagging(id=UUID(int=70), space_id=SPACE.id, asset_id=ASSET.id, tag_id=TAG.id)
SHARE = Share(id=UUID(int=71), space_id=SPACE.id, kit_id=KIT.id, shared_by="tester", token_hash="a")
INVITATION = Invitation(
    id=UUID(int=72),
    space_id=SPACE.id,
    role="viewer",
    invited_by="tester",
    token_hash="b",
    expires_at=datetime(2026, 1, 2, tzinfo=UTC),
)
CONTENTS = (TAGGING, SHARE, ASSET, SECTION, ARCHIVED, TAG, INVITATION)
SPARED = (OTHER_SPACE, replace(KIT, id=UUID(int=20), space_id=OTHER_SPACE.id), member("owner", of=OTHER_SPACE))


def delete_space(repo: MemoryRepo) -> DeleteSpace:
    return DeleteSpace(repo=repo, checkpoint=MemoryCheckpoint(repo), space_id=SPACE.id)


async def test_a_space_goes_with_all_that_is_in_it_each_before_what_holds_it() -> None:
    ada = member("viewer", "ada")
    repo = MemoryRepo(SPACE, *CONTENTS, member("owner"), ada, *SPARED)

    assert await run(delete_space(repo)) == SPACE

    gone = [change.before for change in repo.store.changes]
    assert all(change.after is None for change in repo.store.changes)
    assert sorted(map(repr, gone)) == sorted(map(repr, [*CONTENTS, member("owner"), ada, SPACE]))
    for first, then in [(TAGGING, ASSET), (TAGGING, TAG), (ASSET, SECTION), (SHARE, ARCHIVED), (SECTION, ARCHIVED)]:
        assert gone.index(first) < gone.index(then)
    assert gone[-1] == SPACE


async def test_another_space_is_spared() -> None:
    repo = MemoryRepo(SPACE, *CONTENTS, member("owner"), *SPARED)

    await run(delete_space(repo))

    assert (await repo.find(Space)).items == [OTHER_SPACE]
    assert [await repo.get(type(each), each.id) for each in SPARED] == list(SPARED)


async def test_who_deletes_it_gives_up_the_role_that_allowed_it() -> None:
    repo = MemoryRepo(SPACE, member("owner"))
    checkpoint = MemoryCheckpoint(repo)

    await run(DeleteSpace(repo=repo, checkpoint=checkpoint, space_id=SPACE.id))

    await checkpoint.confirm()
    assert await repo.count(Member) == 0


async def test_a_kit_in_use_is_a_problem() -> None:
    repo = MemoryRepo(SPACE, *CONTENTS, replace(KIT, id=UUID(int=20), name="Shop"), member("owner"))

    with pytest.raises(SpaceInUse) as raised:
        await run(delete_space(repo))

    assert raised.value.document()["kit_count"] == 1
    assert repo.store.changes == []


async def test_a_space_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(delete_space(repo))


async def test_an_owner_may() -> None:
    repo = MemoryRepo(SPACE, *CONTENTS, member("owner"))

    assert await run(delete_space(repo))


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
async def test_nobody_else_may(role: Role) -> None:
    repo = MemoryRepo(SPACE, *CONTENTS, member(role))

    with pytest.raises(PermissionMissing):
        await run(delete_space(repo))


async def test_a_stranger_cannot_tell_whether_the_space_exists() -> None:
    there = MemoryRepo(SPACE, *CONTENTS, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(delete_space(there))

    assert told == await refusal(delete_space(MemoryRepo()))
