"""Open a space."""
# mypy: ignore-errors
# This spelling is read at run time, and says nothing to type checkers.

from ports.action import ActionHandler, Arg
from ports.library import AlreadyMember, Member, Space, SpaceNameTaken


def tidy(name):
    if not name.strip():
        raise ValueError("a name needs a visible character")
    return name.strip()


class OpenSpace(ActionHandler, permission="space.create", problems=(SpaceNameTaken, AlreadyMember)):
    """Open a space, with you and perhaps somebody else in it."""

    requires = ["repo", "logger"]
    arguments = {
        "name": Arg(str, required=True, validator=tidy),
        "guest": Arg(str, required=False),
        "role": Arg(str, required=False, default="viewer", options=["viewer", "editor"]),
    }

    async def execute(self):
        space = Space(id=self.execution.new_id(), name=self.name, created_by=self.execution.caller.actor)
        await self.repo.add(space)
        members = {self.execution.caller.actor: "owner"} | ({self.guest: self.role} if self.guest else {})
        for actor, role in members.items():
            await self.repo.add(Member(id=self.execution.new_id(), space_id=space.id, actor=actor, role=role))
        self.logger.info("space.opened", members=len(members))
        return {"space": space, "members": members}
