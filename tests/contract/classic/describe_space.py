"""Describe a space."""
# mypy: ignore-errors

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import PermissionMissing
from ports.library import Space
from ports.repo import EntityNotFound


class DescribeSpace(ActionHandler, permission="space.read", problems=(EntityNotFound, PermissionMissing)):
    """Describe a space, as text."""

    requires = ["repo", "checkpoint", "serializer"]
    arguments = {"space_id": Arg(UUID, required=True, description="The space.")}

    async def validate(self):
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self):
        space = await self.repo.get(Space, self.space_id)
        return {"text": self.serializer.dump(space).decode()}
