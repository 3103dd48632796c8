from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint, OpenCheckpoint
from adapters.memory.history import MemoryHistory
from adapters.memory.repo import MemoryRepo
from handlers.read_changes import ReadChanges
from ports.action import Execution
from ports.checkpoint import InSpace, PermissionMissing
from ports.cursor import InvalidCursor, cursor_after
from ports.difference import Difference
from ports.entity import Entity
from ports.library import Kit, Role
from ports.sharing import Share
from tests.handlers.ledger import AT, recorded
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, SPACE, TAG, TAGGING, UPLOAD, member

SHARE = Share(id=UUID(int=30), space_id=SPACE.id, kit_id=KIT.id, shared_by="tester", token_hash="f" * 64)


async def happened(*states: Entity | None, to: MemoryRepo | None = None) -> MemoryRepo:
    """A repository in which an entity came to be as it is first, then as it is next, and so on; None is its removal."""
    store = (to or MemoryRepo(member("viewer"))).store
    for number, (before, after) in enumerate(zip((None, *states), states, strict=False), len(store.entries) + 1):
        entry = recorded(number, actor="ada", action=f"step_{number}")
        repo = MemoryRepo(store=store, execution=Execution(id=entry.id))
        if after is None:
            assert before is not None
            await repo.remove(before)
        else:
            await (repo.save(replace(after, version=before.version)) if before else repo.add(after))
        store.write(entry)
    return MemoryRepo(store=store)


def read_changes(repo: MemoryRepo, entity: Entity = KIT, **page: Any) -> ReadChanges:
    kind: Any = type(entity).__name__.lower()
    return ReadChanges(
        history=MemoryHistory(repo.store), repo=repo, checkpoint=MemoryCheckpoint(repo), kind=kind, id=entity.id, **page
    )


RED = replace(KIT, name="Red", version=2)
PUBLIC = replace(RED, visibility="public", archived_at=AT, version=3)


async def test_a_history_tells_who_did_what_and_what_that_changed() -> None:
    page = await run(read_changes(await happened(KIT, RED, PUBLIC)))

    told = [(change.execution_id.int, change.action, change.actor, change.at) for change in page.items]
    assert told == [(1001, "step_1", "ada", AT), (1002, "step_2", "ada", AT), (1003, "step_3", "ada", AT)]
    assert [change.differences for change in page.items[1:]] == [
        [Difference(field="name", before="Brand", after="Red")],
        [
            Difference(field="visibility", before="private", after="public"),
            Difference(field="archived_at", before=None, after="2026-01-01T00:00:00Z"),
        ],
    ]
    assert (page.items[1].before["name"], page.items[1].after["version"]) == ("Brand", 2)
    assert page.next_cursor is None


async def test_what_was_added_had_no_values_before() -> None:
    (added,) = (await run(read_changes(await happened(KIT)))).items

    assert added.before is None
    assert added.differences == [
        Difference(field="space_id", before=None, after=str(SPACE.id)),
        Difference(field="name", before=None, after="Brand"),
        Difference(field="visibility", before=None, after="private"),
    ]


async def test_what_is_gone_keeps_its_history() -> None:
    repo = await happened(KIT, RED, None)

    removed = (await run(read_changes(repo))).items[-1]

    assert await repo.count(Kit) == 0
    assert removed.after is None
    assert Difference(field="name", before="Red", after=None) in removed.differences


async def test_only_its_own_changes_are_told() -> None:
    other = replace(KIT, id=UUID(int=20), name="Shop")
    repo = await happened(KIT, RED, to=await happened(other, replace(other, name="Store", version=2)))

    assert [change.after["name"] for change in (await run(read_changes(repo))).items] == ["Brand", "Red"]


async def test_the_history_of_an_asset_tells_of_its_tags() -> None:
    repo = await happened(TAGGING, None, to=await happened(ASSET, to=MemoryRepo(TAG, member("viewer"))))

    page = await run(read_changes(repo, ASSET))

    assert [(change.kind, change.entity_id) for change in page.items] == [
        ("asset", ASSET.id),
        ("tagging", TAGGING.id),
        ("tagging", TAGGING.id),
    ]
    assert [change.differences for change in page.items[1:]] == [
        [Difference(field="tag", before=None, after="navigation")],
        [Difference(field="tag", before="navigation", after=None)],
    ]


async def test_a_tag_that_is_gone_is_told_by_its_id() -> None:
    repo = await happened(TAGGING, to=await happened(ASSET))

    change = (await run(read_changes(repo, ASSET))).items[1]

    assert change.differences == [Difference(field="tag", before=None, after=str(TAG.id))]


async def test_the_hash_of_a_token_is_masked() -> None:
    revoked = replace(SHARE, revoked_at=AT, version=2)

    page = await run(read_changes(await happened(SHARE, revoked, None), SHARE))

    assert [change.after and change.after["token_hash"] for change in page.items] == ["[secret]", "[secret]", None]
    assert [change.before and change.before["token_hash"] for change in page.items] == [None, "[secret]", "[secret]"]
    assert SHARE.token_hash not in str(page)


async def test_a_page_goes_on_where_the_one_before_ended() -> None:
    repo = await happened(KIT, RED, PUBLIC)

    first = await run(read_changes(repo, limit=2))
    second = await run(read_changes(repo, limit=2, cursor=first.next_cursor))

    assert [change.action for change in [*first.items, *second.items]] == ["step_1", "step_2", "step_3"]
    assert (len(first.items), second.next_cursor) == (2, None)


@pytest.mark.parametrize("cursor", ["next", cursor_after(UUID(int=2**127))])
async def test_a_cursor_that_no_page_gave_is_a_problem(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await run(read_changes(await happened(KIT), cursor=cursor))


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", "owner"])
async def test_every_member_may(role: Role) -> None:
    assert await run(read_changes(await happened(KIT, to=MemoryRepo(member(role)))))


class RefusingCheckpoint(OpenCheckpoint):
    """Refuses whatever is asked, as to a member whose role allows nothing."""

    async def require(self, permission: str, /, *, within: UUID | InSpace) -> None:
        raise PermissionMissing(permission=permission)


async def test_a_role_that_may_not_is_told_so() -> None:
    repo = await happened(KIT)
    action = ReadChanges(
        history=MemoryHistory(repo.store), repo=repo, checkpoint=RefusingCheckpoint(), kind="kit", id=KIT.id
    )

    told = await refusal(action)

    assert (told["code"], told["permission"]) == ("permission_missing", "change.read")


@pytest.mark.parametrize("states", [(KIT, RED), (KIT, None)], ids=["there", "gone"])
async def test_a_stranger_cannot_tell_whether_it_was_ever_there(states: tuple[Entity | None, ...]) -> None:
    told = await refusal(read_changes(await happened(*states, to=MemoryRepo(member("owner", "somebody")))))

    assert told == await refusal(read_changes(MemoryRepo(member("owner"))))
    assert (told["kind"], told["id"]) == ("kit", KIT.id)


async def test_one_kinds_id_is_none_of_another() -> None:
    told = await refusal(read_changes(await happened(KIT), replace(ASSET, id=KIT.id)))

    assert (told["code"], told["kind"]) == ("entity_not_found", "asset")


async def test_what_lies_in_no_space_is_for_nobody_to_read() -> None:
    assert (await refusal(read_changes(await happened(UPLOAD), UPLOAD)))["code"] == "entity_not_found"
