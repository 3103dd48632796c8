from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic_core import to_json

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.revoke_share import RevokeShare
from ports.action import Execution
from ports.checkpoint import PermissionMissing
from ports.library import Role
from ports.repo import EntityNotFound
from ports.sharing import Share, ShareView, hash_of
from tests.handlers.run import refusal, run
from tests.library import KIT, SPACE, member

AT = Execution().at
SHARE = Share(id=UUID(int=80), space_id=SPACE.id, kit_id=KIT.id, shared_by="ada", token_hash=hash_of("token"))


def revoke_share(repo: MemoryRepo) -> RevokeShare:
    return RevokeShare(repo=repo, checkpoint=MemoryCheckpoint(repo), share_id=SHARE.id)


async def test_the_link_is_revoked_and_stays_on_record() -> None:
    repo = MemoryRepo(SHARE, member("owner"))

    revoked = await run(revoke_share(repo))

    assert await repo.get(Share, SHARE.id) == replace(SHARE, revoked_at=AT, version=2)
    assert revoked == ShareView.of(replace(SHARE, revoked_at=AT, version=2))
    assert SHARE.token_hash.encode() not in to_json(revoked)


async def test_to_revoke_it_again_changes_nothing() -> None:
    before = replace(SHARE, revoked_at=datetime(2025, 1, 1, tzinfo=UTC), version=2)
    repo = MemoryRepo(before, member("owner"))

    assert await run(revoke_share(repo)) == ShareView.of(before)
    assert repo.store.changes == []


async def test_a_link_to_an_archived_kit_is_revoked_as_well() -> None:
    assert (await run(revoke_share(MemoryRepo(replace(KIT, archived_at=AT), SHARE, member("owner"))))).revoked_at == AT


async def test_a_link_that_is_not_there_is_a_problem() -> None:
    assert (await refusal(revoke_share(MemoryRepo(member("owner")))))["code"] == EntityNotFound.code


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    assert await run(revoke_share(MemoryRepo(SHARE, member(role))))


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    assert (await refusal(revoke_share(MemoryRepo(SHARE, member(role)))))["code"] == PermissionMissing.code


async def test_a_stranger_cannot_tell_whether_the_link_exists() -> None:
    told = await refusal(revoke_share(MemoryRepo(SHARE, member("owner", "somebody"))))

    assert told == await refusal(revoke_share(MemoryRepo()))
