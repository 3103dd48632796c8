"""What the tests began ends with them, even where they are killed."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WHEN_STDIN_ENDS = 'exec 2>/dev/null; cat; kill -INT "$(head -n 1 "$0")"'


def with_its_parent() -> tuple[str, ...]:
    """What to write before a command for its process to be asked to end when the one that began it has ended."""
    return ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()


@contextmanager
def stopped_with_us(postgres: Path) -> Iterator[None]:
    """Have the server of this cluster, which nobody is the parent of, stopped when this process ends within."""
    command = ("sh", "-c", WHEN_STDIN_ENDS, str(postgres / "postmaster.pid"))
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):
        yield
