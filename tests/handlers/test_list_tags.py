from dataclasses import replace
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from adapters.memory.usage import MemoryUsage
from handlers.list_tags import ListTags, TagUse
from ports.cursor import InvalidCursor
from ports.entity import Entity
from ports.library import Role
from ports.tags import Tag, Tagging
from tests.handlers.run import refusal, run
from tests.library import ASSET, OTHER_SPACE, SPACE, member

BLUE = Tag(id=UUID(int=40), space_id=SPACE.id, name="blue")
RED = replace(BLUE, id=UUID(int=41), name="red")
FOREIGN = replace(BLUE, id=UUID(int=42), space_id=OTHER_SPACE.id)
TAGGING = Tagging(id=UUID(int=50), space_id=SPACE.id, asset_id=ASSET.id, tag_id=BLUE.id)
OTHER = replace(TAGGING, id=UUID(int=51), asset_id=UUID(int=52))
LIBRARY: tuple[Entity, ...] = (SPACE, BLUE, RED, FOREIGN, TAGGING, OTHER)


def list_tags(*entities: Entity, limit: int = 50, cursor: str | None = None) -> ListTags:
    repo = MemoryRepo(*entities)
    usage, checkpoint = MemoryUsage(repo.store), MemoryCheckpoint(repo)
    return ListTags(repo=repo, checkpoint=checkpoint, usage=usage, space_id=SPACE.id, limit=limit, cursor=cursor)


async def test_each_tag_of_the_space_says_how_many_assets_have_it() -> None:
    page = await run(list_tags(*LIBRARY, member("viewer")))

    assert page.items == [TagUse(tag=BLUE, asset_count=2), TagUse(tag=RED, asset_count=0)]
    assert page.next_cursor is None


async def test_a_page_goes_on_where_the_one_before_ended() -> None:
    first = await run(list_tags(*LIBRARY, member("viewer"), limit=1))

    second = await run(list_tags(*LIBRARY, member("viewer"), limit=1, cursor=first.next_cursor))

    assert [use.tag for use in (*first.items, *second.items)] == [BLUE, RED]
    assert second.next_cursor is None


async def test_a_cursor_of_nowhere_is_a_problem() -> None:
    assert (await refusal(list_tags(*LIBRARY, member("viewer"), cursor="?")))["code"] == InvalidCursor.code


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", "owner"])
async def test_every_member_may(role: Role) -> None:
    assert (await run(list_tags(*LIBRARY, member(role)))).items


async def test_a_stranger_cannot_tell_whether_the_space_exists() -> None:
    told = await refusal(list_tags(*LIBRARY, member("owner", "somebody")))

    assert told == await refusal(list_tags())
