import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.directory import MemoryDirectory
from adapters.memory.repo import MemoryRepo
from handlers.list_members import ListMembers
from ports.cursor import InvalidCursor
from ports.directory import Actor
from ports.library import Role
from ports.sharing import NamedMember
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, SPACE, member

TEAM = sorted([member("owner", "ada"), member("viewer"), member("editor", "bob")], key=lambda each: each.id)
ADA = Actor(subject="ada", kind="person", display_name="Ada Lovelace")
NAMED = [NamedMember.of(each, {"ada": ADA}) for each in TEAM]


def list_members(repo: MemoryRepo, *, limit: int = 50, cursor: str | None = None) -> ListMembers:
    checkpoint, directory = MemoryCheckpoint(repo), MemoryDirectory(ADA)
    return ListMembers(
        repo=repo, checkpoint=checkpoint, directory=directory, space_id=SPACE.id, limit=limit, cursor=cursor
    )


async def test_the_members_of_the_space_are_listed_with_their_roles_and_names() -> None:
    page = await run(list_members(MemoryRepo(*TEAM, member("owner", of=OTHER_SPACE))))

    assert (page.items, page.next_cursor) == (NAMED, None)
    assert {each.actor: (each.actor_name, each.actor_kind, each.role) for each in page.items} == {
        "ada": ("Ada Lovelace", "person", "owner"),
        "bob": (None, None, "editor"),  # added, and not seen yet
        "tester": (None, None, "viewer"),
    }


async def test_a_page_goes_on_where_the_one_before_ended() -> None:
    repo = MemoryRepo(*TEAM)

    first = await run(list_members(repo, limit=2))
    second = await run(list_members(repo, limit=2, cursor=first.next_cursor))

    assert (first.items, second.items, second.next_cursor) == (NAMED[:2], NAMED[2:], None)


async def test_a_cursor_that_no_page_gave_is_a_problem() -> None:
    with pytest.raises(InvalidCursor):
        await run(list_members(MemoryRepo(*TEAM), cursor="next"))


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", "owner"])
async def test_every_member_may(role: Role) -> None:
    assert [each.role for each in (await run(list_members(MemoryRepo(member(role))))).items] == [role]


async def test_a_stranger_cannot_tell_whether_the_space_exists() -> None:
    told = await refusal(list_members(MemoryRepo(SPACE, member("owner", "somebody"))))

    assert told == await refusal(list_members(MemoryRepo()))
