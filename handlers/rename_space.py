"""Rename a space."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import Name, Space, SpaceNameTaken
from ports.repo import EntityNotFound, Repo, VersionMismatch


class RenameSpace(
    ActionHandler,
    permission="space.edit",
    problems=(EntityNotFound, PermissionMissing, SpaceNameTaken, VersionMismatch),
):
    """Give a space another name."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")
    name: Name = Arg(description="Shown to its members.", examples=["Design 2027"])
    expected_version: int = Arg(
        ge=1, description="The `version` that you saw; if it has changed since, nothing is done."
    )

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Space:
        space = await self.repo.get(Space, self.space_id)
        return await self.repo.save(replace(space, name=self.name, version=self.expected_version))
