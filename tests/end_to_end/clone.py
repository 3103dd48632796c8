"""A clean clone of this tree, set up without a download."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from tests.end_to_end.processes import CHECKOUT


def kept_files() -> Iterator[Path]:
    """What Git keeps of this tree, as it stands; where it keeps nothing, as in a tarball, what it would not ignore."""
    git = shutil.which("git")
    listed = git and subprocess.run([git, "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=False).stdout
    if listed:
        yield from (file for name in listed.decode().rstrip("\0").split("\0") if (file := CHECKOUT / name).is_file())
        return
    ignored = [".git", *(line.rstrip("/") for line in (CHECKOUT / ".gitignore").read_text().splitlines())]
    for folder, folders, files in os.walk(CHECKOUT):
        folders[:] = [name for name in folders if not any(fnmatch(name, pattern) for pattern in ignored)]
        yield from (Path(folder, name) for name in files if not any(fnmatch(name, pattern) for pattern in ignored))


def clone_into(folder: Path) -> None:
    """Make a clone that is set up: its environment is the running one, as `make setup` would have made it."""
    for file in kept_files():
        copy = folder / file.relative_to(CHECKOUT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    (folder / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (folder / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    (folder / ".venv" / ".ready").touch()
    if (cache := CHECKOUT / ".mypy_cache").exists():  # it only saves time
        shutil.copytree(cache, folder / ".mypy_cache")
