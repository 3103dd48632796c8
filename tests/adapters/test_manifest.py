"""Manifests: what an archive's entries stand for, and paths that every system can unpack."""

import json
from collections.abc import AsyncIterator
from io import BytesIO
from zipfile import ZipFile

import pytest

from adapters.files.archive import is_packable
from adapters.files.content import FileLimits
from adapters.memory.files import MemoryFileStore
from adapters.pydantic.serializer import PydanticSerializer
from ports.files import Entry
from ports.manifest import MANIFEST, Manifest, Paths, Placed, Places, places_in

KNOWN = Placed(path="a/b.svg", section="A/A", name="B:B", sha256="0" * 64, tags=["red", "blue"])
WHOLE = Manifest(format="actionbus-kit-1", kit="Brand", sections=["A/A", "Empty"], assets=[KNOWN])


async def read(manifest: bytes | None) -> Places:
    written, store = BytesIO(), MemoryFileStore(FileLimits())
    with ZipFile(written, "w") as archive:
        if manifest is not None:
            archive.writestr(MANIFEST, manifest)
    file = await store.add(sent(written.getvalue()))
    return await places_in(file.sha256, files=store, serializer=PydanticSerializer())


async def sent(content: bytes) -> AsyncIterator[bytes]:
    yield content


def entry(path: str) -> Entry:
    *folders, name = path.split("/")
    return Entry(folders=tuple(folders), name=name)


async def test_what_the_manifest_names_stands_for_what_it_says() -> None:
    places = await read(PydanticSerializer().dump(WHOLE))

    assert places.of(entry("a/b.svg")) == KNOWN
    assert (places.sections, places.tags) == (["A/A", "Empty"], {"red", "blue"})


async def test_what_it_does_not_name_stands_for_its_path() -> None:
    places = await read(PydanticSerializer().dump(WHOLE))

    assert places.of(entry("c/d/e.svg")) == Placed(path="c/d/e.svg", section="c/d", name="e.svg", sha256="")
    assert places.of(entry("e.svg")) == Placed(path="e.svg", section="Unsorted", name="e.svg", sha256="")


async def test_a_manifest_stands_for_nothing_itself_at_the_top_alone() -> None:
    places = await read(PydanticSerializer().dump(WHOLE))

    assert places.of(entry(MANIFEST)) is None
    assert places.of(entry(f"a/{MANIFEST}")) is not None


ALTERED: list[dict[str, object]] = [
    {"format": "another"},
    {"format": None},
    {"sections": ["a\nb"]},
    {"sections": ["x" * 81]},
    {"assets": [{"path": "a", "section": "a", "name": "", "sha256": ""}]},
    {"assets": [{"path": "a", "section": "a", "name": "b", "sha256": "", "tags": ["\u202e"]}]},
]


@pytest.mark.parametrize(
    "manifest",
    [None, b"", b"{}", b"[]", b"{", b"\xff", b'{"name": "An app", "icons": []}']
    + [json.dumps(json.loads(PydanticSerializer().dump(WHOLE)) | altered).encode() for altered in ALTERED],
)
async def test_what_is_no_manifest_of_ours_is_a_file_like_any_other(manifest: bytes | None) -> None:
    places = await read(manifest)

    assert places.of(entry(MANIFEST)) == Placed(path=MANIFEST, section="Unsorted", name=MANIFEST, sha256="")
    assert places.of(entry("a/b.svg")) == Placed(path="a/b.svg", section="a", name="b.svg", sha256="")
    assert (places.sections, places.tags) == ([], set())


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("arrow.svg", "arrow.svg"),
        ("24/solid", "24_solid"),
        ("a\\b", "a_b"),
        ("C:a.svg", "C_a.svg"),
        ('<"|?*>', "______"),
        ("..", "_"),
        (".", "_"),
        ("a. .", "a"),
        (".hidden", ".hidden"),
        ("con", "_con"),
        ("NUL.svg", "_NUL.svg"),
        ("Lpt1.tar.gz", "_Lpt1.tar.gz"),
        ("console.svg", "console.svg"),
        ("__MACOSX", "___MACOSX"),
        (".DS_Store", "_.DS_Store"),
        ("Thumbs.db", "_Thumbs.db"),
        ("ünï.svg", "ünï.svg"),
    ],
)
def test_a_name_becomes_a_path_that_every_system_can_unpack(name: str, path: str) -> None:
    paths = Paths()

    assert paths.named(name) == path
    assert paths.named(name, folder=path) == f"{path}/{path}"
    assert is_packable(f"{path}/{path}")


def test_no_path_is_given_twice_whether_its_letters_are_small_or_not() -> None:
    paths = Paths(MANIFEST)

    assert paths.named("Manifest.json") == "Manifest (2).json"
    assert [paths.named(name, folder="a") for name in ("b.svg", "B.svg", "b (2).svg", "b.svg", "b?", "b*")] == [
        "a/b.svg",
        "a/B (2).svg",
        "a/b (2) (2).svg",
        "a/b (3).svg",
        "a/b_",
        "a/b_ (2)",
    ]
    assert paths.named("b.svg", folder="c") == "c/b.svg"


def test_many_names_that_clash_take_no_time() -> None:
    paths = Paths()

    assert len({paths.named("?" if number % 2 else "*") for number in range(20_000)}) == 20_000
