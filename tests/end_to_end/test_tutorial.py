"""The tutorial, followed word for word in a clean clone, by real processes on data of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.end_to_end.clone import clone_into
from tests.end_to_end.following import NotAsWritten, Reader, steps_of
from tests.end_to_end.processes import CHECKOUT, processes_of

TUTORIAL = (CHECKOUT / "docs" / "tutorial.md").read_text()
DATA = "/tmp/actionbus-tutorial"
IMPORTED = ".venv/bin/python -Pc 'import service; print(service.__file__)'"
OF_THE_HOUSE = """
.venv/bin/pytest tests/handlers/test_every_handler.py tests/test_house.py tests/adapters/test_history.py \
    tests/migrations/test_migrations.py -k "(every or no_file or to_change or up_down) and not system"
"""


@pytest.fixture
async def reader(enterable: Path, tmp_path: Path) -> AsyncIterator[Reader]:
    folder, data = tmp_path / "clone", enterable / "tutorial"
    folder.mkdir()
    reader = Reader(folder, {DATA: str(data)})
    yield reader
    await reader.leave()
    assert processes_of(data) == []
    assert processes_of(folder) == []


async def test_following_it_ends_with_a_working_action(reader: Reader) -> None:
    clone_into(reader.folder)
    assert await reader.run(IMPORTED) == f"{reader.folder}/service/__init__.py\n"
    assert "comment_on_asset" not in await reader.run(".venv/bin/actionbus actions")

    await reader.follow(TUTORIAL)

    assert "comment_on_asset" in await reader.run(".venv/bin/actionbus actions")
    for step in steps_of(TUTORIAL):
        if step.kind == "python":
            assert (reader.folder / step.path).read_text() == step.text, "The formatter would have it otherwise."
    assert " passed" in await reader.run(OF_THE_HOUSE)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("```sh\ntrue\n```\n", "no kind of step"),
        ("```bash\ntrue\n```\n ```bash\ntrue\n ```\n", "a block that is no step"),
        ("```bash\nfalse\ntrue\n```\n", "A command failed"),
        ("```bash\necho 1\n```\n", "It printed:\n1"),
        ("```bash\necho 1\n```\n```text\n2\n```\n", "It printed:\n1"),
        ("```bash in another terminal\necho 1\n```\n```text\n2\n```\n", "It ended and had printed:\n1"),
        ("```python\nx = 1\n```\n", "a path of its own"),
        ("**`there`**\n\n```python\nx = 1\n```\n", "a path of its own"),
        ("**`there`**\n\n```diff\n+x\n```\n", "made of hunks"),
        ("**`there`**\n\n```diff\n@@\n a\n+x\n```\n", "not there once"),
        ("**`there`**\n\n```diff\n@@\n c\n+x\n```\n", "not there once"),
    ],
)
async def test_what_is_not_as_written_is_found_out(reader: Reader, document: str, complaint: str) -> None:
    (reader.folder / "there").write_text("a\nb\na\n")

    with pytest.raises(NotAsWritten, match=complaint):
        await reader.follow(document)


async def test_a_step_is_taken_where_the_one_before_has_led(reader: Reader) -> None:
    (reader.folder / "there").write_text("a\nb\na\n")

    await reader.follow(
        "**`there`**\n\n```diff\n@@\n b\n+c\n@@\n-c\n a\n```\n"
        "```bash\nHERE=there\n```\n```bash\ncat $HERE\n```\n```text\na\n...a\n```\n"
    )

    assert (reader.folder / "there").read_text() == "a\nb\na\n"


async def test_another_terminal_is_open_until_the_reader_leaves(reader: Reader) -> None:
    (reader.folder / "there").write_text("Go on.\n")

    await reader.follow(
        "```bash in another terminal\necho At http://127.0.0.1:4321; tail -f $PWD/there\n```\n"
        "```text\nAt http://127.0.0.1:8000\nGo on.\n```\n"
        "```bash\necho http://127.0.0.1:8000\n```\n```text\n...:4321\n```\n"
    )

    assert len(processes_of(reader.folder)) == 1
