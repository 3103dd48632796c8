from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.memory.repo import MemoryRepo
from handlers.open_share import OpenShare, SharedKit
from ports.action import Caller, Execution
from ports.cursor import InvalidCursor
from ports.entity import Entity, Page
from ports.sharing import LinkNotValid, Share, link_caller
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, SECTION, SPACE

AT = Execution().at
SHARE = Share(id=UUID(int=80), space_id=SPACE.id, kit_id=KIT.id, shared_by="ada", token_hash="f" * 64)
LINK = link_caller(SHARE.id, entry_point="http")
OTHER_KIT = UUID(int=20)
FIRST = replace(SECTION, id=UUID(int=31), name="Icons", position=0)
SECOND = replace(SECTION, position=1)
ASSETS = [replace(ASSET, id=UUID(int=40 + n), name=f"{n}.svg") for n in range(3)]
HIDDEN = [
    replace(SECTION, id=UUID(int=32), kit_id=OTHER_KIT),
    replace(ASSET, id=UUID(int=50), kit_id=OTHER_KIT),
    replace(ASSET, id=UUID(int=51), removed_at=AT),
]


def open_share(repo: MemoryRepo, caller: Caller = LINK, *, limit: int = 50, cursor: str | None = None) -> OpenShare:
    return OpenShare(repo=repo, limit=limit, cursor=cursor, execution=Execution(caller=caller))


async def test_who_holds_the_link_sees_the_kit_and_nothing_beside_it() -> None:
    opened = await run(open_share(MemoryRepo(KIT, SECOND, FIRST, *ASSETS, *HIDDEN, SHARE)))

    assert opened == SharedKit(kit=KIT, sections=[FIRST, SECOND], assets=Page(items=ASSETS, next_cursor=None))


async def test_who_added_them_is_for_members_to_know() -> None:
    opened = await run(open_share(MemoryRepo(KIT, *(replace(each, added_by="ada") for each in ASSETS), SHARE)))

    assert opened.assets.items == ASSETS


async def test_assets_come_in_pages() -> None:
    repo = MemoryRepo(KIT, *ASSETS, SHARE)

    first = (await run(open_share(repo, limit=2))).assets
    second = (await run(open_share(repo, limit=2, cursor=first.next_cursor))).assets

    assert (first.items, second.items, second.next_cursor) == (ASSETS[:2], ASSETS[2:], None)


async def test_a_cursor_that_no_page_gave_is_a_problem() -> None:
    assert (await refusal(open_share(MemoryRepo(KIT, SHARE), cursor="next")))["code"] == InvalidCursor.code


async def test_a_link_opens_until_it_expires() -> None:
    assert await run(open_share(MemoryRepo(KIT, replace(SHARE, expires_at=AT + timedelta(seconds=1)))))


@pytest.mark.parametrize(
    "kept",
    [
        [KIT],
        [KIT, replace(SHARE, id=UUID(int=81))],
        [KIT, replace(SHARE, revoked_at=AT)],
        [KIT, replace(SHARE, expires_at=AT)],
        [replace(KIT, archived_at=AT), SHARE],
    ],
    ids=["gone", "another's", "revoked", "expired", "archived kit"],
)
async def test_a_link_that_is_not_valid_is_one_and_the_same_problem(kept: list[Entity]) -> None:
    assert await refusal(open_share(MemoryRepo(*kept))) == LinkNotValid().document()


async def test_who_is_no_link_has_none_to_open() -> None:
    pretender = Caller(actor=LINK.actor)

    assert await refusal(open_share(MemoryRepo(KIT, SHARE), pretender)) == LinkNotValid().document()


def test_a_link_may_do_exactly_that() -> None:
    assert LINK.may(OpenShare.permission)
    assert LINK.scopes == {"share.open", "file.read"}
