"""The directory in memory."""

from collections.abc import Collection, Mapping

from ports.action import Caller
from ports.directory import Actor


class MemoryDirectory:
    """Actors in a dictionary: `MemoryDirectory(ada)` knows her."""

    def __init__(self, *actors: Actor) -> None:
        self._actors = {actor.subject: actor for actor in actors}

    async def known(self, subjects: Collection[str], /) -> Mapping[str, Actor]:
        """See `Directory`."""
        return {subject: self._actors[subject] for subject in subjects if subject in self._actors}

    async def see(self, caller: Caller) -> None:
        """Keep who the caller is; a name that they were seen with stands until they come with another."""
        known = self._actors.get(caller.actor)
        name = caller.name or (known.display_name if known else None)
        self._actors[caller.actor] = Actor(subject=caller.actor, kind=caller.kind, display_name=name)
