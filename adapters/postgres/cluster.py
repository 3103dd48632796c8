"""A PostgreSQL cluster and its server, as one process at a time may make, start and stop them."""

import fcntl
import os
import shlex
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.postgres.account import Account, EmbeddedPostgresUnusable
from adapters.postgres.binaries import Binaries

OWNER = "actionbus_owner"
SERVICE = "actionbus_service"
SUPERUSER = "postgres"
PORT = 5432

# The two statements on the schema do what PostgreSQL 15 and later do by themselves.
_FIRST_STATEMENTS = f"""
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO pg_database_owner;
CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
CREATE ROLE {SERVICE} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
CREATE DATABASE actionbus OWNER {OWNER};
""".lstrip()
_LAST_WORDS = 12


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The files in `folder` and their server, which listens in the folder `socket` only.

    Each process at work in it has `log` as its standard error, and by that a shared lock on it: the kernel, and no
    process id, says whether one is left.
    """

    folder: Path
    socket: Path
    log: Path
    account: Account
    binaries: Binaries

    def check_version(self) -> None:
        """Raise `EmbeddedPostgresUnusable` when the programs are of another major version than the files."""
        made_by = self.folder / "PG_VERSION"
        if made_by.exists() and (version := made_by.read_text().strip()) != str(self.binaries.major):
            raise EmbeddedPostgresUnusable(
                f"The database in {self.folder} was made by PostgreSQL {version}, and the programs in "
                f"{self.binaries.folder} are of PostgreSQL {self.binaries.major}: use programs of version {version}, "
                "or dump the database with them and restore it in another ACTIONBUS_DATA."
            )

    def has_processes(self) -> bool:
        """Return whether a process is at work in it, be it without its parent or in another container."""
        with self.log.open("ab") as log:
            try:
                fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def answers(self) -> bool:
        """Return whether the server is there and past its start."""
        try:
            status = (self.folder / "postmaster.pid").read_text().splitlines()[7].strip()
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket / f".s.PGSQL.{PORT}"))
        except (OSError, IndexError):
            return False
        return status == "ready"

    def make(self) -> None:
        """Make the files, unless they are there: complete with roles and database before they get their name."""
        if (self.folder / "PG_VERSION").exists():
            return
        unfinished = self.folder.with_suffix(".unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        self.account.give(unfinished)
        trust = ("--auth-local=trust", "--auth-host=reject", f"--username={SUPERUSER}")
        self._run("initdb", "-D", unfinished, *trust, "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums")
        single = ("--single", "-D", unfinished, "-c", "exit_on_error=on", "template1")
        self._run("postgres", *single, given=_FIRST_STATEMENTS)
        unfinished.rename(self.folder)
        parent = os.open(self.folder.parent, os.O_RDONLY)
        os.fsync(parent)
        os.close(parent)

    def start(self) -> None:
        """Start the server of a cluster without processes and wait until it answers."""
        # With no process left, these are stale, and their process ids may be those of strangers by now.
        for stale in (self.folder / "postmaster.pid", self.socket / f".s.PGSQL.{PORT}.lock"):
            stale.unlink(missing_ok=True)
        settings = {
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": self.socket,
            "unix_socket_permissions": "0700",
            "max_connections": 100,
            # A client hears of its own errors; their details quote values, which may be secrets.
            "log_min_messages": "log",
            "log_checkpoints": "off",
        }
        options = shlex.join(f"--{name}={setting}" for name, setting in settings.items())
        self._run("pg_ctl", "start", "-D", self.folder, "-w", "-t", "600", "-o", options)

    def stop(self) -> None:
        """Stop the server, if it is there, and wait until it has ended. Open connections are closed."""
        for manner in ("fast", "immediate"):
            if self.has_processes():
                with suppress(EmbeddedPostgresUnusable):
                    self._run("pg_ctl", "stop", "-D", self.folder, "-w", "-m", manner)

    def last_words(self) -> str:
        """Return the end of the log, to be the end of a sentence."""
        lines = self.log.read_text(errors="replace").splitlines()[-_LAST_WORDS:]
        return "\n".join([f"The end of {self.log}:", *lines])

    def _run(self, program: str, *arguments: str | Path, given: str = "") -> None:
        with self.log.open("ab") as log:
            fcntl.flock(log, fcntl.LOCK_SH)
            done = self.account.run(self.binaries.folder / program, *arguments, output=log, given=given)
        if done.returncode:
            raise EmbeddedPostgresUnusable(f"PostgreSQL's {program} failed for {self.folder}. {self.last_words()}")
