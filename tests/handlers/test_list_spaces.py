from dataclasses import replace
from uuid import UUID

import pytest

from adapters.memory.repo import MemoryRepo
from handlers.list_spaces import ListSpaces
from ports.cursor import InvalidCursor
from ports.entity import Page
from ports.library import Role, Space
from tests.handlers.run import run
from tests.library import OTHER_SPACE, SPACE, member

SPACES = [replace(SPACE, id=UUID(int=10 + n), name=str(n)) for n in range(5)]
MEMBERS = [replace(member("viewer", of=space), id=UUID(int=50 + n)) for n, space in enumerate(SPACES)]


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", "owner"])
async def test_the_callers_spaces_are_listed_whatever_the_role(role: Role) -> None:
    page = await ListSpaces(repo=MemoryRepo(SPACE, member(role))).execute()

    assert page == Page(items=[SPACE], next_cursor=None)


async def test_a_stranger_cannot_tell_whether_there_are_spaces() -> None:
    page = await ListSpaces(repo=MemoryRepo(SPACE, OTHER_SPACE, member("owner", "somebody"))).execute()

    assert page == Page[Space](items=[], next_cursor=None)


async def test_they_are_listed_in_the_order_of_becoming_a_member() -> None:
    later = replace(MEMBERS[0], id=UUID(int=60))

    page = await ListSpaces(repo=MemoryRepo(*SPACES, *MEMBERS[1:], later)).execute()

    assert page.items == [*SPACES[1:], SPACES[0]]


async def test_a_page_goes_on_where_the_one_before_ended() -> None:
    repo = MemoryRepo(*SPACES, *MEMBERS)

    first = await ListSpaces(repo=repo, limit=3).execute()
    second = await ListSpaces(repo=repo, limit=3, cursor=first.next_cursor).execute()

    assert (first.items, second.items, second.next_cursor) == (SPACES[:3], SPACES[3:], None)


async def test_a_cursor_that_no_page_gave_is_a_problem() -> None:
    with pytest.raises(InvalidCursor):
        await run(ListSpaces(repo=MemoryRepo(), cursor="next"))
