"""The operating system user who runs the embedded PostgreSQL."""

import os
import pwd
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self


class EmbeddedPostgresUnusable(Exception):
    """The embedded PostgreSQL cannot be used here; the message is a sentence that says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who runs the server: the caller or, since PostgreSQL refuses root, an ordinary user whom the machine has."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, cluster: Path) -> Self:
        """Return the account for `cluster`. Root takes the user who made it, else `postgres`, else `nobody`."""
        if os.geteuid():
            return cls(name=_name(os.geteuid()), uid=os.geteuid(), gid=os.getegid())
        with suppress(FileNotFoundError):
            owner = cluster.stat()
            if owner.st_uid:
                return cls(name=_name(owner.st_uid), uid=owner.st_uid, gid=owner.st_gid)
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                user = pwd.getpwnam(name)
                return cls(name=name, uid=user.pw_uid, gid=user.pw_gid)
        raise EmbeddedPostgresUnusable(
            "PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody' to run it: "
            "start the service as an ordinary user, or set DATABASE_URL."
        )

    @property
    def is_somebody_else(self) -> bool:
        """Whether the server runs as another user than this process."""
        return self.uid != os.geteuid()

    def run(self, *command: str | Path, output: int | IO[bytes], given: str = "") -> subprocess.CompletedProcess[bytes]:
        """Run a command as this user, with `given` as its input, and wait for its end.

        It gets a session of its own, so that Ctrl-C in a terminal ends the service first and the server after it, and
        none of our environment, which may hold secrets.
        """
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        return subprocess.run(  # noqa: S603 - the commands are PostgreSQL's own and the paths are ours
            command,
            cwd="/",
            env=kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            input=given.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=self.uid if self.is_somebody_else else None,
            group=self.gid if self.is_somebody_else else None,
            extra_groups=[] if self.is_somebody_else else None,
            check=False,
        )

    def may_enter(self, folder: Path) -> bool:
        """Return whether this user can reach what is in `folder`: asked of the kernel, which knows more than modes."""
        return self.run("/bin/sh", "-c", 'cd -- "$0"', folder, output=subprocess.DEVNULL).returncode == 0

    def give(self, folder: Path) -> None:
        """Make this user the owner of a folder that this process made."""
        os.chown(folder, self.uid, self.gid, follow_symlinks=False)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
