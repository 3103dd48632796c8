from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic_core import to_json

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.share_kit import ShareKit
from ports.action import Execution
from ports.argument import InvalidArguments, check
from ports.checkpoint import PermissionMissing
from ports.library import KitArchived, Role
from ports.repo import EntityNotFound
from ports.sharing import Share, hash_of
from tests.handlers.run import refusal, run
from tests.library import KIT, SPACE, member


def share_kit(repo: MemoryRepo, *, valid_days: int | None = None) -> ShareKit:
    return ShareKit(repo=repo, checkpoint=MemoryCheckpoint(repo), kit_id=KIT.id, valid_days=valid_days)


async def test_the_link_is_kept_and_valid_for_ever() -> None:
    repo = MemoryRepo(KIT, member("owner"))

    made = await run(share_kit(repo))

    assert await repo.get(Share, made.share.id) == Share(
        id=made.share.id, space_id=SPACE.id, kit_id=KIT.id, shared_by="tester", token_hash=hash_of(made.token)
    )


async def test_a_link_may_be_valid_for_some_days_only() -> None:
    made = await run(share_kit(MemoryRepo(KIT, member("owner")), valid_days=2))

    assert made.share.expires_at == Execution().at + timedelta(days=2)


async def test_the_token_is_not_kept_and_what_is_kept_of_it_is_not_told() -> None:
    repo = MemoryRepo(KIT, member("owner"))

    made = await run(share_kit(repo))

    assert made.token not in repr(repo.store)
    assert hash_of(made.token).encode() not in to_json(made)
    assert ShareKit.secret_output


@pytest.mark.parametrize("days", [0, 3651])
def test_days_are_within_bounds(days: int) -> None:
    with pytest.raises(InvalidArguments):
        check(ShareKit.input_model, {"kit_id": KIT.id, "valid_days": days})


async def test_an_archived_kit_is_not_shared() -> None:
    repo = MemoryRepo(replace(KIT, archived_at=Execution().at), member("owner"))

    assert (await refusal(share_kit(repo)))["code"] == KitArchived.code
    assert await repo.count(Share) == 0


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    assert (await refusal(share_kit(MemoryRepo(member("owner")))))["code"] == EntityNotFound.code


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    assert await run(share_kit(MemoryRepo(KIT, member(role))))


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    assert (await refusal(share_kit(MemoryRepo(KIT, member(role)))))["code"] == PermissionMissing.code


@pytest.mark.parametrize("archived_at", [None, Execution().at])
async def test_a_stranger_cannot_tell_whether_the_kit_exists(archived_at: datetime | None) -> None:
    kit = replace(KIT, archived_at=archived_at)

    told = await refusal(share_kit(MemoryRepo(kit, member("owner", "somebody"))))

    assert told == await refusal(share_kit(MemoryRepo()))
