"""Clients generated from the committed document, in a folder that also holds what npm installed, once."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.clients.rendering import HERE

CHECKOUT = HERE.parents[1]
DOCUMENT = CHECKOUT / "openapi.json"
CACHE = CHECKOUT / ".cache" / "clients"
BIN = Path(sys.executable).parent
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
LOWEST_NODE = (20, 19)
WITHOUT_NODE = (
    "Node 20.19 or later is not installed: no TypeScript client is generated, and openapi.json is not linted."
)


def run(*command: str, cwd: Path, **environment: str) -> str:
    """What a command prints that ends well; its complaints are shown if it does not."""
    path = f"{BIN}:{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **QUIET, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def installed() -> Path:
    """The folder with what `package-lock.json` names, installed if it is not there yet; the test is skipped without
    Node."""
    if not has_node():
        pytest.skip(WITHOUT_NODE)
    lock = (HERE / "package-lock.json").read_bytes()
    folder = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as made:
            for file in ("package.json", "package-lock.json"):
                shutil.copy(HERE / file, made)
            run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=Path(made))
            shutil.copytree(made, folder, symlinks=True, dirs_exist_ok=True)
    return folder


def has_node() -> bool:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    found = re.findall(r"\d+", run("node", "--version", cwd=HERE))
    return tuple(map(int, found))[:2] >= LOWEST_NODE


@contextmanager
def workplace(node: Path) -> Iterator[Path]:
    """A folder from which the modules that npm installed are found."""
    with tempfile.TemporaryDirectory(dir=node) as made:
        yield Path(made)
