"""Rename a tag."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import Name
from ports.repo import EntityNotFound, Repo, VersionMismatch
from ports.tags import Tag, TagNameTaken


class RenameTag(
    ActionHandler,
    permission="tag.edit",
    problems=(EntityNotFound, PermissionMissing, TagNameTaken, VersionMismatch),
):
    """Give a tag another name, for all the assets that have it."""

    repo: Repo
    checkpoint: Checkpoint

    tag_id: UUID = Arg(description="The tag.")
    name: Name = Arg(description="Unique in its space.", examples=["arrows"])
    expected_version: int = Arg(
        ge=1, description="The `version` that you saw; if it has changed since, nothing is done."
    )

    async def validate(self) -> None:
        tag = await self.repo.get(Tag, self.tag_id)
        await self.checkpoint.require(self.permission, within=tag)

    async def execute(self) -> Tag:
        tag = await self.repo.get(Tag, self.tag_id)
        return await self.repo.save(replace(tag, name=self.name, version=self.expected_version))
