"""Filling a kit that is locked: with sections and tags by their names, made where they are not there yet."""

from collections.abc import Collection
from uuid import UUID

from ports.action import Execution
from ports.files import File
from ports.library import Asset, Kit, Section
from ports.repo import Repo, every
from ports.tags import tag_named, tagging


class Filling:
    """What a kit has, and what is added to it; `sections_added` counts what was not there."""

    def __init__(self, kit: Kit, *, repo: Repo, execution: Execution) -> None:
        self._kit, self._repo, self._execution = kit, repo, execution
        self._sections: dict[str, Section] = {}
        self._tags: dict[str, UUID] = {}
        self.sections_added = 0

    async def begin(self, *, sections: Collection[str], tags: Collection[str]) -> None:
        """Read what is there, and make these: the sections in their order, the tags in that of their names."""
        self._sections = {each.name: each async for each in every(self._repo, Section, kit_id=self._kit.id)}
        for name in sections:
            await self._section(name)
        for name in sorted(tags):
            tag = await tag_named(self._repo, self._execution, space_id=self._kit.space_id, name=name)
            self._tags[name] = tag.id

    async def add(self, file: File, *, section: str, name: str, tags: Collection[str]) -> None:
        """Add an asset with tags that were made at the beginning. Raise `AssetNameTaken`."""
        asset = Asset(
            id=self._execution.new_id(),
            space_id=self._kit.space_id,
            kit_id=self._kit.id,
            section_id=await self._section(section),
            name=name,
            added_by=self._execution.caller.actor,
            **vars(file),
        )
        await self._repo.add(asset)
        for tag in sorted(set(tags)):
            await self._repo.add(tagging(self._execution, asset, self._tags[tag]))

    async def _section(self, name: str) -> UUID:
        if name not in self._sections:
            self._sections[name] = await self._repo.add(
                Section(
                    id=self._execution.new_id(),
                    space_id=self._kit.space_id,
                    kit_id=self._kit.id,
                    name=name,
                    position=len(self._sections),
                )
            )
            self.sections_added += 1
        return self._sections[name].id
