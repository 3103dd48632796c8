from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest

from adapters.memory.actions import MemoryActions
from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.update_assets import AssetResult, NotOneChange, UpdateAssets
from ports.actions import TimedOut
from ports.library import Asset, AssetNameTaken, Kit
from ports.problem import Problem
from ports.repo import not_found
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, member

MANY = [UUID(int=number) for number in (103, 101, 102)]
TARGET = UUID(int=30)


@dataclass
class Refusing(MemoryActions):
    """Actions that refuse some assets."""

    refused: Mapping[UUID, Problem] = field(default_factory=dict)
    calls: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)

    async def execute(self, name: str, arguments: Mapping[str, object], *, returns: type[Any] = object) -> Any:
        self.calls.append((name, dict(arguments)))
        for asset_id, problem in self.refused.items():
            if arguments["asset_id"] == asset_id:
                raise problem


class LockedInOrder(MemoryRepo):
    """A repository that remembers what was locked."""

    locked: list[UUID]

    async def lock(self, kind: Any, id: UUID, /) -> Any:
        self.locked = [*getattr(self, "locked", []), id]
        return await super().lock(kind, id)


def update_assets(actions: Refusing, *asset_ids: UUID, repo: MemoryRepo | None = None, **change: Any) -> UpdateAssets:
    repo = repo or MemoryRepo(KIT, SECTION, ASSET, member("editor"))
    return UpdateAssets(repo=repo, checkpoint=MemoryCheckpoint(repo), actions=actions, asset_ids=[*asset_ids], **change)


@pytest.mark.parametrize(
    ("change", "action", "arguments"),
    [
        ({"add_tag": "blue"}, "tag_asset", {"tag": "blue"}),
        ({"remove_tag": "blue"}, "untag_asset", {"tag": "blue"}),
        ({"section_id": TARGET}, "move_asset", {"section_id": TARGET}),
        ({"remove": True}, "remove_asset", {}),
    ],
)
async def test_each_asset_is_changed_by_the_action_for_one(
    change: dict[str, Any], action: str, arguments: dict[str, object]
) -> None:
    actions = Refusing()

    results = await run(update_assets(actions, *MANY, **change))

    assert actions.calls == [(action, {"asset_id": asset_id, **arguments}) for asset_id in sorted(MANY)]
    assert results == [AssetResult(asset_id=asset_id, ok=True) for asset_id in MANY]


async def test_a_problem_with_one_is_its_result_and_the_others_go_on() -> None:
    actions = Refusing(refused={MANY[1]: not_found(Asset, MANY[1]), MANY[2]: AssetNameTaken(name="x")})

    results = await run(update_assets(actions, *MANY, section_id=TARGET))

    assert results == [
        AssetResult(asset_id=MANY[0], ok=True),
        AssetResult(
            asset_id=MANY[1],
            ok=False,
            code="entity_not_found",
            title="There is no such thing, or you may not see it.",
        ),
        AssetResult(
            asset_id=MANY[2], ok=False, code="asset_name_taken", title="Another asset in this section has this name."
        ),
    ]


async def test_an_asset_that_is_named_twice_is_changed_once() -> None:
    actions = Refusing()

    results = await run(update_assets(actions, MANY[0], MANY[1], MANY[0], remove=True))

    assert [result.asset_id for result in results] == MANY[:2]
    assert len(actions.calls) == 2


async def test_what_may_go_well_at_another_time_ends_it() -> None:
    with pytest.raises(TimedOut):
        await run(update_assets(Refusing(refused={MANY[1]: TimedOut()}), *MANY, remove=True))


@pytest.mark.parametrize("change", [{}, {"add_tag": "blue", "remove": True}, {"remove_tag": "a", "section_id": TARGET}])
async def test_no_change_and_two_changes_are_a_problem(change: dict[str, Any]) -> None:
    actions = Refusing()

    assert (await refusal(update_assets(actions, *MANY, **change)))["code"] == NotOneChange.code
    assert actions.calls == []


async def test_their_kits_and_the_sections_are_locked_in_one_order() -> None:
    kits = [replace(KIT, id=UUID(int=number), name=str(number)) for number in (23, 21, 22)]
    assets = [replace(ASSET, id=asset_id, kit_id=kit.id) for asset_id, kit in zip(MANY, kits, strict=True)]
    target = replace(SECTION, id=TARGET, kit_id=UUID(int=20))
    repo = LockedInOrder(*kits, replace(KIT, id=UUID(int=20)), *assets, target, member("editor"))

    await run(update_assets(Refusing(), *MANY, repo=repo, section_id=TARGET))

    assert repo.locked == [UUID(int=20), UUID(int=21), UUID(int=22), UUID(int=23)]


@pytest.mark.parametrize("members", [[], [member("viewer")], [member("owner", of=OTHER_SPACE)]])
async def test_nothing_is_locked_that_the_caller_may_not_change(members: list[Any]) -> None:
    repo = LockedInOrder(KIT, ASSET, SECTION, *members)

    await run(update_assets(Refusing(), ASSET.id, repo=repo, section_id=SECTION.id))

    assert not hasattr(repo, "locked")
    assert (await repo.get(Kit, KIT.id)) == KIT


async def test_a_stranger_cannot_tell_which_assets_exist() -> None:
    told = await run(update_assets(Refusing(), ASSET.id, repo=MemoryRepo(KIT, ASSET), remove=True))

    assert told == await run(update_assets(Refusing(), ASSET.id, repo=MemoryRepo(), remove=True))
