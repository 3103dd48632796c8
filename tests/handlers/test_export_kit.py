import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest

from adapters.files.content import FileLimits
from adapters.memory.actions import MemoryActions
from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.files import MemoryFileStore
from adapters.memory.progress import MemoryProgress
from adapters.memory.repo import MemoryRepo
from adapters.pydantic.serializer import PydanticSerializer
from handlers.export_kit import ExportKit
from handlers.import_assets import ImportAssets, ImportReport
from ports.action import Execution
from ports.checkpoint import PermissionMissing
from ports.entity import Entity
from ports.files import ArchiveTooLarge, File, FileNotStored
from ports.library import Asset, Kit, Role, Section
from ports.repo import EntityNotFound
from ports.tags import Tag, Tagging
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, SECTION, SPACE, member

SVG, OTHER_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>', b'<svg xmlns="http://www.w3.org/2000/svg"><path/></svg>'
AT = datetime(2026, 1, 1, tzinfo=UTC)
ODD = replace(SECTION, id=UUID(int=30), name="24/../solid", position=0)
LOGOS = replace(SECTION, position=2)
EMPTY = replace(SECTION, id=UUID(int=31), name="Empty", position=1)
OTHER_KIT = replace(KIT, id=UUID(int=20), name="Other")
BLUE = Tag(id=UUID(int=40), space_id=SPACE.id, name="blue")
AZURE = replace(BLUE, id=UUID(int=41), name="azure")


async def sent(content: bytes) -> AsyncIterator[bytes]:
    yield content


class Uploads(MemoryActions):
    """Actions that let everybody use every file."""

    async def execute(self, name: str, arguments: Any, *, returns: type[Any] = object) -> Any:
        self.calls.append((name, arguments))
        return File(**arguments) if name == "record_upload" else None


@dataclass
class Shelf:
    """A store of files, and the library that holds them."""

    store: MemoryFileStore
    repo: MemoryRepo
    actions: Uploads

    @classmethod
    async def filled(cls, *members: Entity, limits: FileLimits | None = None) -> "Shelf":
        store = MemoryFileStore(limits or FileLimits())
        plain, other = await store.add(sent(SVG)), await store.add(sent(OTHER_SVG))
        names = {"arrow.svg": LOGOS, "a/b.svg": ODD, "a:b.svg": ODD, "..": ODD}
        assets = [
            replace(ASSET, id=UUID(int=50 + n), name=name, section_id=section.id, sha256=plain.sha256, size=plain.size)
            for n, (name, section) in enumerate(names.items())
        ]
        assets[1] = replace(assets[1], sha256=other.sha256, size=other.size)
        removed = replace(assets[0], id=UUID(int=60), removed_at=AT)
        taggings = [
            Tagging(id=UUID(int=70 + n), space_id=SPACE.id, asset_id=assets[0].id, tag_id=tag.id)
            for n, tag in enumerate((BLUE, AZURE))
        ]
        library = (KIT, OTHER_KIT, LOGOS, EMPTY, ODD, *assets, removed, BLUE, AZURE, *taggings)
        return cls(store, MemoryRepo(*library, *members), Uploads())

    def export(self, kit_id: UUID = KIT.id) -> ExportKit:
        return ExportKit(
            repo=self.repo,
            checkpoint=MemoryCheckpoint(self.repo),
            files=self.store,
            serializer=PydanticSerializer(),
            actions=self.actions,
            progress=MemoryProgress(),
            kit_id=kit_id,
        )

    def taking(self, archive: File, *, number: int = 9) -> ImportAssets:
        return ImportAssets(
            repo=self.repo,
            checkpoint=MemoryCheckpoint(self.repo),
            files=self.store,
            serializer=PydanticSerializer(),
            actions=self.actions,
            progress=MemoryProgress(),
            kit_id=OTHER_KIT.id,
            archive=archive.sha256,
            execution=Execution(id=UUID(int=number)),
        )

    async def unpacked(self, file: File) -> dict[str, bytes]:
        content = b"".join([chunk async for chunk in self.store.read(file.sha256)])
        with ZipFile(BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    async def told(self, kit_id: UUID) -> list[Any]:
        """What a kit holds, without its ids."""
        sections = sorted((await self.repo.find(Section, kit_id=kit_id)).items, key=lambda each: each.position)
        tags = {tag.id: tag.name for tag in (await self.repo.find(Tag)).items}
        return [
            (section.name, section.position, asset.name, asset.sha256, asset.size, asset.media_type, names)
            for section in sections
            for asset in (await self.repo.find(Asset, section_id=section.id, removed_at=None)).items
            for taggings in [(await self.repo.find(Tagging, asset_id=asset.id)).items]
            for names in [sorted(tags[tagging.tag_id] for tagging in taggings)]
        ] + [section.name for section in sections]


async def test_sections_become_folders_and_assets_become_files() -> None:
    shelf = await Shelf.filled(member("viewer"))

    files = await shelf.unpacked(await run(shelf.export()))

    manifest = json.loads(files.pop("manifest.json"))
    assert files == {
        "24_.._solid/a_b.svg": OTHER_SVG,
        "24_.._solid/a_b (2).svg": SVG,
        "24_.._solid/_": SVG,
        "Logos/arrow.svg": SVG,
    }
    assert (manifest["kit"], manifest["sections"]) == ("Brand", ["24/../solid", "Empty", "Logos"])
    assert [(asset["path"], asset["name"], asset["tags"]) for asset in manifest["assets"]] == [
        ("24_.._solid/a_b.svg", "a/b.svg", []),
        ("24_.._solid/a_b (2).svg", "a:b.svg", []),
        ("24_.._solid/_", "..", []),
        ("Logos/arrow.svg", "arrow.svg", ["azure", "blue"]),
    ]
    assert {asset["sha256"] for asset in manifest["assets"]} == {
        asset.sha256 for asset in (await shelf.repo.find(Asset, kit_id=KIT.id)).items
    }


async def test_the_archive_counts_as_uploaded_by_the_caller() -> None:
    shelf = await Shelf.filled(member("viewer"))

    file = await run(shelf.export())

    assert file.media_type == "application/zip"
    assert shelf.actions.calls == [("record_upload", vars(file))]
    assert shelf.repo.store.changes == []


async def test_the_same_kit_makes_the_same_bytes() -> None:
    shelf, again = await Shelf.filled(member("viewer")), await Shelf.filled(member("owner"))

    assert await run(shelf.export()) == await run(again.export())


async def test_another_kit_that_it_is_imported_into_is_the_same() -> None:
    shelf = await Shelf.filled(member("editor"))

    report = await run(shelf.taking(await run(shelf.export())))

    assert report == ImportReport(sections_added=3, assets_added=4, skipped={})
    assert await shelf.told(OTHER_KIT.id) == await shelf.told(KIT.id)


async def test_a_second_import_changes_nothing() -> None:
    shelf = await Shelf.filled(member("editor"))
    archive = await run(shelf.export())
    await run(shelf.taking(archive))
    changes = [*shelf.repo.store.changes]

    report = await run(shelf.taking(archive, number=10))

    assert report == ImportReport(sections_added=0, assets_added=0, skipped={"exists": 4})
    assert shelf.repo.store.changes == changes


async def test_tags_that_the_space_does_not_have_are_made() -> None:
    shelf = await Shelf.filled(member("editor"))
    archive = await run(shelf.export())
    for tagging in (await shelf.repo.find(Tagging)).items:
        await shelf.repo.remove(tagging)
    for tag in (AZURE, BLUE):
        await shelf.repo.remove(tag)

    await run(shelf.taking(archive))

    assert [tag.name for tag in (await shelf.repo.find(Tag)).items] == ["azure", "blue"]
    assert await shelf.repo.count(Tagging) == 2


async def test_exported_again_it_differs_in_the_name_of_the_kit_alone() -> None:
    shelf = await Shelf.filled(member("editor"))
    first = await run(shelf.export())
    await run(shelf.taking(first))

    second = await run(shelf.export(OTHER_KIT.id))

    files, same = await shelf.unpacked(first), await shelf.unpacked(second)
    assert same.pop("manifest.json") == files.pop("manifest.json").replace(b'"kit":"Brand"', b'"kit":"Other"')
    assert same == files


async def test_progress_counts_every_asset() -> None:
    shelf = await Shelf.filled(member("viewer"))
    action = shelf.export()

    await run(action)

    assert isinstance(action.progress, MemoryProgress)
    assert action.progress.reports == [(1, 4), (2, 4), (3, 4), (4, 4)]


async def test_an_archived_kit_may_be_exported() -> None:
    shelf = await Shelf.filled(member("viewer"))
    await shelf.repo.save(replace(KIT, archived_at=AT))

    assert await run(shelf.export())


async def test_a_kit_of_more_than_an_archive_holds_is_a_problem() -> None:
    shelf = await Shelf.filled(member("viewer"), limits=FileLimits(max_entries=4))

    assert (await refusal(shelf.export()))["code"] == ArchiveTooLarge.code
    assert shelf.actions.calls == []


async def test_a_file_that_is_lost_is_a_problem() -> None:
    shelf = await Shelf.filled(member("viewer"))
    shelf.store = MemoryFileStore(FileLimits())

    assert (await refusal(shelf.export()))["code"] == FileNotStored.code


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    shelf = await Shelf.filled(member("viewer"))

    assert (await refusal(shelf.export(UUID(int=99))))["code"] == EntityNotFound.code


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", "owner"])
async def test_every_member_may(role: Role) -> None:
    assert await run((await Shelf.filled(member(role))).export())


def test_every_role_may_by_a_permission_of_its_own() -> None:
    assert ExportKit.permission == "kit.export"
    assert PermissionMissing in ExportKit.problems


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    shelf = await Shelf.filled(member("owner", "somebody"))
    told = await refusal(shelf.export())
    await shelf.repo.remove(await shelf.repo.get(Kit, KIT.id))

    assert told == await refusal(shelf.export())
