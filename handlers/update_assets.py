"""Make one change to many assets."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import Asset, Kit, Name, Section
from ports.problem import Invalid, Problem
from ports.repo import EntityNotFound, Repo, every


class NotOneChange(Invalid):
    """Ask for one change: `add_tag`, `remove_tag`, `section_id` or `remove`."""


@dataclass(frozen=True, kw_only=True)
class AssetResult:
    """What came of one asset: if not `ok`, the code and the title of its problem."""

    asset_id: UUID
    ok: bool
    code: str | None = None
    title: str | None = None


class UpdateAssets(ActionHandler, permission="asset.edit", problems=(NotOneChange,), timeout=120.0):
    """Make one change to many assets. A problem with one undoes what was done to that one, and the others go on."""

    repo: Repo
    checkpoint: Checkpoint
    actions: Actions

    asset_ids: list[UUID] = Arg(min_length=1, max_length=500, description="The assets, each of them once.")
    add_tag: Name | None = Arg(default=None, description="The change: give them this tag.", examples=["navigation"])
    remove_tag: Name | None = Arg(default=None, description="The change: take this tag from them.")
    section_id: UUID | None = Arg(default=None, description="The change: move them to this section.")
    remove: bool = Arg(default=False, description="The change: move them to the trash.")

    async def validate(self) -> None:
        if len(self._changes()) != 1:
            raise NotOneChange

    async def execute(self) -> list[AssetResult]:
        await self._lock_kits()
        ((action, change),) = self._changes()
        # In one order, as the kits: two such calls never wait for each other.
        results = {asset_id: await self._result(action, asset_id, change) for asset_id in sorted(set(self.asset_ids))}
        return [results[asset_id] for asset_id in dict.fromkeys(self.asset_ids)]

    def _changes(self) -> list[tuple[str, dict[str, object]]]:
        """Return the action of each change that is asked for, and its arguments beside the asset's id."""
        changes: list[tuple[str, str, object]] = [
            ("tag_asset", "tag", self.add_tag),
            ("untag_asset", "tag", self.remove_tag),
            ("move_asset", "section_id", self.section_id),
        ]
        asked: list[tuple[str, dict[str, object]]] = [(action, {name: to}) for action, name, to in changes if to]
        return asked + ([("remove_asset", {})] if self.remove else [])

    async def _result(self, action: str, asset_id: UUID, change: dict[str, object]) -> AssetResult:
        try:
            await self.actions.execute(action, {"asset_id": asset_id, **change})
        except Problem as problem:
            if problem.retryable:
                raise
            return AssetResult(asset_id=asset_id, ok=False, code=problem.code, title=problem.title)
        return AssetResult(asset_id=asset_id, ok=True)

    async def _lock_kits(self) -> None:
        holding: list[Asset | Section] = [asset async for asset in every(self.repo, Asset, id=self.asset_ids)]
        if self.section_id:
            holding += (await self.repo.find(Section, id=self.section_id)).items
        for kit_id, each in sorted({each.kit_id: each for each in holding}.items()):
            with suppress(EntityNotFound, PermissionMissing):
                await self.checkpoint.require(self.permission, within=each)
                await self.repo.lock(Kit, kit_id)
