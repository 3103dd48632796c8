from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
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
from handlers.import_assets import ImportAssets, ImportReport
from ports.action import Execution
from ports.checkpoint import PermissionMissing
from ports.entity import Entity
from ports.files import ArchiveRefused, FileNotStored
from ports.library import Asset, KitArchived, Role, Section
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, SECTION, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
ARCHIVED = replace(KIT, archived_at=AT)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def zipped(*names: str, **contents: bytes) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, contents.get(name.rpartition("/")[2].partition(".")[0], SVG))
    return written.getvalue()


@dataclass
class Import:
    """An archive, and all that importing it takes."""

    repo: MemoryRepo
    content: bytes
    answer: object = None
    progress: MemoryProgress = field(default_factory=MemoryProgress)

    async def action(self, number: int = 1) -> ImportAssets:
        store = MemoryFileStore(FileLimits(max_entries=20))
        file = await store.add(self._chunks())
        self.actions = MemoryActions(find_file=self.answer or file)
        return ImportAssets(
            repo=self.repo,
            checkpoint=MemoryCheckpoint(self.repo),
            files=store,
            serializer=PydanticSerializer(),
            actions=self.actions,
            progress=self.progress,
            kit_id=KIT.id,
            archive=file.sha256,
            execution=Execution(id=UUID(int=number)),
        )

    async def _chunks(self) -> AsyncIterator[bytes]:
        yield self.content


async def imported(*entities: Entity, content: bytes) -> tuple[MemoryRepo, ImportReport]:
    repo = MemoryRepo(KIT, member("owner"), *entities)
    report: ImportReport = await run(await Import(repo, content).action())
    return repo, report


async def test_folders_become_sections_and_files_become_assets() -> None:
    repo, report = await imported(content=zipped("24/solid/bell.svg", "24/solid/key.svg", "16/bell.svg"))

    sections = (await repo.find(Section, kit_id=KIT.id)).items
    assets = (await repo.find(Asset, kit_id=KIT.id)).items
    assert report == ImportReport(sections_added=2, assets_added=3, skipped={})
    assert [(section.name, section.position) for section in sections] == [("24/solid", 0), ("16", 1)]
    assert [(asset.name, asset.section_id) for asset in assets] == [
        ("bell.svg", sections[0].id),
        ("key.svg", sections[0].id),
        ("bell.svg", sections[1].id),
    ]


async def test_an_asset_knows_its_file() -> None:
    repo, _ = await imported(content=zipped("icons/bell.svg"))

    asset = (await repo.find(Asset)).items[0]

    assert (asset.sha256, asset.size, asset.media_type) == (sha256(SVG).hexdigest(), len(SVG), "image/svg+xml")
    assert asset.space_id == KIT.space_id


async def test_files_outside_every_folder_are_unsorted() -> None:
    repo, _ = await imported(content=zipped("bell.svg"))

    assert [section.name for section in (await repo.find(Section)).items] == ["Unsorted"]


async def test_a_section_that_is_there_is_added_to() -> None:
    repo, report = await imported(SECTION, content=zipped("Logos/bell.svg", "Icons/bell.svg"))

    assert report.sections_added == 1
    assert [section.position for section in (await repo.find(Section)).items if section != SECTION] == [1]
    assert await repo.count(Asset, section_id=SECTION.id) == 1


async def test_a_name_that_exists_is_skipped_and_the_rest_is_kept() -> None:
    repo, report = await imported(SECTION, ASSET, content=zipped(f"Logos/{ASSET.name}", "Logos/bell.svg"))

    assert report == ImportReport(sections_added=0, assets_added=1, skipped={"exists": 1})
    assert await repo.get(Asset, ASSET.id) == ASSET


async def test_a_name_in_the_trash_does_not_exist() -> None:
    removed = replace(ASSET, removed_at=AT)

    repo, report = await imported(SECTION, removed, content=zipped(f"Logos/{ASSET.name}"))

    assert report == ImportReport(sections_added=0, assets_added=1, skipped={})
    assert await repo.get(Asset, ASSET.id) == removed


async def test_a_second_run_changes_nothing() -> None:
    repo, content = MemoryRepo(KIT, member("owner")), zipped("24/bell.svg", "24/key.svg", "bell.svg")
    await run(await Import(repo, content).action())
    changes = [*repo.store.changes]

    report = await run(await Import(repo, content).action(number=2))

    assert report == ImportReport(sections_added=0, assets_added=0, skipped={"exists": 3})
    assert repo.store.changes == changes


async def test_what_is_no_safe_image_is_skipped_by_its_reason() -> None:
    content = zipped(
        "icons/bell.svg", "icons/evil.svg", "readme.md", "../up.svg", evil=SCRIPT, readme=b"# Icons of a kind"
    )

    _, report = await imported(content=content)

    assert report == ImportReport(
        sections_added=1, assets_added=1, skipped={"unsafe_svg": 1, "not_an_image": 1, "unsafe_path": 1}
    )


@pytest.mark.parametrize("path", [f"icons/{'x' * 81}", f"{'x' * 81}/bell.svg", "icons/\u202ebell.svg"])
async def test_a_name_that_does_not_fit_is_skipped(path: str) -> None:
    repo, report = await imported(content=zipped(path))

    assert report == ImportReport(sections_added=0, assets_added=0, skipped={"unsuitable_name": 1})
    assert repo.store.changes == []


async def test_progress_counts_every_file() -> None:
    importing = Import(MemoryRepo(KIT, member("owner")), zipped("bell.svg", "readme.md", readme=b"# Icons"))

    await run(await importing.action())

    assert [done for done, _ in importing.progress.reports] == [1, 2]


async def test_an_image_is_no_archive() -> None:
    with pytest.raises(ArchiveRefused):
        await run(await Import(MemoryRepo(KIT, member("owner")), SVG).action())


async def test_an_archive_of_too_many_entries_is_a_problem() -> None:
    content = zipped(*(f"{n}.svg" for n in range(21)))

    with pytest.raises(ArchiveRefused):
        await run(await Import(MemoryRepo(KIT, member("owner")), content).action())


async def test_an_archive_that_the_caller_may_not_use_is_a_problem() -> None:
    content = zipped("bell.svg")
    importing = Import(MemoryRepo(KIT, member("owner")), content, FileNotStored(sha256="b" * 64))

    with pytest.raises(FileNotStored):
        await run(await importing.action())

    assert importing.actions.calls == [("find_file", {"sha256": sha256(content).hexdigest()})]


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(await Import(repo, zipped("bell.svg")).action())

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    with pytest.raises(EntityNotFound):
        await run(await Import(MemoryRepo(member("owner")), zipped("bell.svg")).action())


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    assert await run(await Import(MemoryRepo(KIT, member(role)), zipped("bell.svg")).action())


async def test_a_viewer_may_not() -> None:
    with pytest.raises(PermissionMissing):
        await run(await Import(MemoryRepo(KIT, member("viewer")), zipped("bell.svg")).action())


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    content = zipped("bell.svg")

    told = await refusal(await Import(MemoryRepo(KIT, member("owner", "somebody")), content).action())

    assert told == await refusal(await Import(MemoryRepo(), content).action())
