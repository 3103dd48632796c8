from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.memory.repo import MemoryRepo
from handlers.open_share import OpenShare, SharedKit
from ports.action import Execution
from ports.cursor import InvalidCursor
from ports.entity import Entity, Page
from ports.sharing import Invitation, LinkNotValid, Share, hash_of
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, SECTION, SPACE

TOKEN = "the token that a stranger was given"
AT = Execution().at
SHARE = Share(id=UUID(int=80), space_id=SPACE.id, kit_id=KIT.id, shared_by="ada", token_hash=hash_of(TOKEN))
OTHER_KIT = UUID(int=20)
FIRST = replace(SECTION, id=UUID(int=31), name="Icons", position=0)
SECOND = replace(SECTION, position=1)
ASSETS = [replace(ASSET, id=UUID(int=40 + n), name=f"{n}.svg") for n in range(3)]
HIDDEN = [
    replace(SECTION, id=UUID(int=32), kit_id=OTHER_KIT),
    replace(ASSET, id=UUID(int=50), kit_id=OTHER_KIT),
    replace(ASSET, id=UUID(int=51), removed_at=AT),
]


def open_share(repo: MemoryRepo, token: str = TOKEN, *, limit: int = 50, cursor: str | None = None) -> OpenShare:
    return OpenShare(repo=repo, token=token, limit=limit, cursor=cursor)


async def test_a_stranger_with_the_token_sees_the_kit_and_nothing_beside_it() -> None:
    opened = await run(open_share(MemoryRepo(KIT, SECOND, FIRST, *ASSETS, *HIDDEN, SHARE)))

    assert opened == SharedKit(kit=KIT, sections=[FIRST, SECOND], assets=Page(items=ASSETS, next_cursor=None))


async def test_assets_come_in_pages() -> None:
    repo = MemoryRepo(KIT, *ASSETS, SHARE)

    first = (await run(open_share(repo, limit=2))).assets
    second = (await run(open_share(repo, limit=2, cursor=first.next_cursor))).assets

    assert (first.items, second.items, second.next_cursor) == (ASSETS[:2], ASSETS[2:], None)


async def test_a_cursor_that_no_page_gave_is_a_problem() -> None:
    assert (await refusal(open_share(MemoryRepo(KIT, SHARE), cursor="next")))["code"] == InvalidCursor.code


async def test_a_link_opens_until_it_expires() -> None:
    assert await run(open_share(MemoryRepo(KIT, replace(SHARE, expires_at=AT + timedelta(seconds=1)))))


INVITATION = Invitation(
    id=UUID(int=70), space_id=SPACE.id, role="admin", invited_by="ada", token_hash=hash_of(TOKEN), expires_at=AT
)


@pytest.mark.parametrize(
    "kept",
    [
        [KIT],
        [KIT, replace(SHARE, token_hash=hash_of("another"))],
        [KIT, replace(SHARE, token_hash=TOKEN)],
        [KIT, replace(SHARE, revoked_at=AT)],
        [KIT, replace(SHARE, expires_at=AT)],
        [replace(KIT, archived_at=AT), SHARE],
        [KIT, replace(INVITATION, expires_at=AT + timedelta(days=1))],
    ],
    ids=["unknown", "another's", "by its hash", "revoked", "expired", "archived kit", "an invitation"],
)
async def test_a_link_that_is_not_valid_is_one_and_the_same_problem(kept: list[Entity]) -> None:
    assert await refusal(open_share(MemoryRepo(*kept))) == LinkNotValid().document()


def test_the_token_is_on_no_record() -> None:
    assert OpenShare.secrets == {"token"}
