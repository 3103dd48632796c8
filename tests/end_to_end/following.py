"""Following a document as its reader does: every block is a step, in a clone, in a shell that stays open.

A file's or a diff's path stands in bold above it. What a command prints stands below it; `...` is for anything.
"""

import asyncio
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.processes import STAND_IN

BLOCK = re.compile(r"(?:^\*\*`([^`\n]+)`\*\*\n\n)?^```([^`\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
PATIENCE = 300
OF_OTHERS = (
    *("ACTIONBUS_", "DATABASE_URL", "MAKE", "MFLAGS", "PYTEST", "PYTHON", "MYPY"),  # of who runs this
    *("COLUMNS", "FORCE_COLOR", "PY_COLORS", "CLICOLOR", "BASH_ENV"),  # of their terminal
)


class NotAsWritten(AssertionError):
    """The document says something that is not so."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A block of the document, the line that it begins in, and the path above it."""

    line: int
    path: str
    kind: str
    text: str


def steps_of(document: str) -> list[Step]:
    steps = [
        Step(line=document.count("\n", 0, match.start()) + 1, path=match[1] or "", kind=match[2], text=match[3])
        for match in BLOCK.finditer(document)
    ]
    if len(FENCE.findall(document)) != 2 * len(steps):
        raise NotAsWritten("There is a block that is no step.")
    return steps


@dataclass
class Reader:
    """Somebody who follows a document in `folder`, with `stands_for` in the place of what the document writes."""

    folder: Path
    stands_for: dict[str, str]
    printed: str = ""
    _shell: Process | None = None
    _others: list[Process] = field(default_factory=list)
    _unread: Process | None = None

    async def follow(self, document: str) -> None:
        for step in steps_of(document):
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._take(step)
            except Exception as error:
                raise NotAsWritten(f"Line {step.line}, {step.path or step.kind}: {error}") from error
        self._expect("")

    async def _take(self, step: Step) -> None:
        text = self._in_place(step.text)
        if step.kind not in ("text", "json"):
            self._expect("")
        match step.kind:
            case "python":
                self._write(step.path, text)
            case "diff":
                self._change(step.path, text)
            case "bash":
                self.printed = await self.run(text)
            case "bash in another terminal":
                self._unread = await self._begin("-euc", text)
                self._others.append(self._unread)
            case "text" | "json":
                if self._unread is not None:
                    self.printed = await self._read_until(self._unread, text.splitlines()[-1])
                    text, self._unread = self._in_place(step.text), None
                self._expect(text)
            case _:
                raise NotAsWritten(f"{step.kind!r} is no kind of step.")

    async def run(self, script: str) -> str:
        """Run a script in the shell, whose variables last, and return all that it prints."""
        self._shell = self._shell or await self._begin("-eu", "-s", stdin=PIPE)
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        (self.folder.parent / "step").write_text(script)
        self._shell.stdin.write(b"source ../step </dev/null; printf '\\0'\n")
        try:
            return (await self._shell.stdout.readuntil(b"\0"))[:-1].decode()
        except asyncio.IncompleteReadError as error:
            raise NotAsWritten(f"A command failed:\n{error.partial.decode()}") from None

    async def leave(self) -> None:
        """End what was begun, and wait until it has ended."""
        for process in (*self._others, *([self._shell] if self._shell else [])):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            await process.communicate()

    def _write(self, path: str, text: str) -> None:
        file = self.folder / path
        if not path or file.exists():
            raise NotAsWritten("A new file needs a path of its own.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def _change(self, path: str, text: str) -> None:
        file = self.folder / path
        first, *hunks = re.split(r"^@@\n", text, flags=re.MULTILINE)
        if first or not hunks:
            raise NotAsWritten("A diff is made of hunks, each below a line of @@.")
        for hunk in hunks:
            lines = hunk.splitlines(keepends=True)
            before, after = (
                "".join(line[1:] or "\n" for line in lines if line[0] in kept) for kept in (" -\n", " +\n")
            )
            whole = file.read_text()
            if f"\n{whole}".count(f"\n{before}") != 1 or before == after:
                raise NotAsWritten(f"This is not there once:\n{before}")
            file.write_text(f"\n{whole}".replace(f"\n{before}", f"\n{after}")[1:])

    def _expect(self, shown: str) -> None:
        pattern = re.escape(shown.strip()).replace(re.escape("..."), ".*")
        if not re.fullmatch(pattern, self.printed.strip(), re.DOTALL):
            raise NotAsWritten(f"It printed:\n{self.printed}\nand not:\n{shown}")
        self.printed = ""

    async def _read_until(self, terminal: Process, last: str) -> str:
        said = line = ""
        assert terminal.stdout is not None
        while line.strip() != last:
            line = (await terminal.stdout.readline()).decode()
            if not line:
                raise NotAsWritten(f"It ended and had printed:\n{said}")
            said += line
        if address := ADDRESS.search(said):
            self.stands_for["http://127.0.0.1:8000"] = address[0]
        return said

    def _in_place(self, text: str) -> str:
        for written, real in self.stands_for.items():
            text = text.replace(written, real)
        return text

    async def _begin(self, *arguments: str, stdin: int = DEVNULL) -> Process:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_OTHERS)}
        its_own = {
            "PATH": f"{os.environ['PATH']}:{STAND_IN}",
            "PYTHONPATH": str(self.folder),  # before the installed package, which is an editable install of this tree
            "PYTHON": "false",  # the environment is shared, and not to be set up anew
            "ACTIONBUS_PORT": "0",
        }
        return await asyncio.create_subprocess_exec(
            "bash", *arguments, cwd=self.folder, env=kept | its_own, limit=2**20, start_new_session=True,
            stdin=stdin, stdout=PIPE, stderr=STDOUT,
        )  # fmt: skip
