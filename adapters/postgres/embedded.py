"""A PostgreSQL server in a folder, that the processes which use it start, share and stop by themselves."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Self

from adapters.postgres.account import Account, EmbeddedPostgresUnusable
from adapters.postgres.binaries import Binaries, find_binaries
from adapters.postgres.cluster import OWNER, PORT, SERVICE, SUPERUSER, Cluster
from adapters.postgres.folders import open_data_folder, own_socket_folder

__all__ = ["OWNER", "SERVICE", "SUPERUSER", "EmbeddedPostgres", "EmbeddedPostgresUnusable", "find_binaries"]

_PATIENCE = 60


class EmbeddedPostgres:
    """A PostgreSQL of our own: its files in `data/postgres`, locks and log in `data/run`, its socket in `socket`.

    Each process that uses it holds a shared lock on `users.lock`, which the kernel drops with the process, however it
    ends. The methods block; call them in a thread where that matters.
    """

    def __init__(self, data: Path, binaries: Path | None = None) -> None:
        self.data = data.resolve()
        # Short, because the path of a socket has at most 107 bytes, and the same for all who share the data.
        name = f"actionbus-{sha256(bytes(self.data)).hexdigest()[:12]}"
        self.socket = Path("/tmp") / name  # noqa: S108 - own_socket_folder trusts nothing that is there
        self._setting = binaries
        self._locks = self.data / "run"
        self._users: IO[bytes] | None = None
        self._cluster: Cluster

    def url(self, role: str, database: str = "actionbus") -> str:
        """Return the address of a database for one of `OWNER`, `SERVICE` and `SUPERUSER`."""
        return f"postgresql+asyncpg://{role}@/{database}?host={self.socket}&port={PORT}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server unless it runs, and be one of its users until `stop` or the end of this process.

        To call it again is harmless, and starts a server that has died. Raise `EmbeddedPostgresUnusable`.
        """
        try:
            self._start()
        except OSError as failure:
            self.stop()
            raise EmbeddedPostgresUnusable(
                f"PostgreSQL cannot keep its data in {self.data} ({failure}): choose another ACTIONBUS_DATA."
            ) from failure
        except BaseException:
            self.stop()
            raise

    def stop(self) -> bool:
        """Use the server no more. Return whether this was its last user, and the server is stopped therefore."""
        if self._users is None:
            return False
        users, self._users = self._users, None
        with users, self._alone():
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._cluster.stop()
            with suppress(OSError):
                self.socket.rmdir()
            return True

    def _start(self) -> None:
        account = Account.of(self.data / "postgres")
        open_data_folder(self.data, account=account)
        self._locks.mkdir(mode=0o700, exist_ok=True)
        with self._alone():
            self._cluster = self._find_cluster(account)
            self._cluster.check_version()
            own_socket_folder(self.socket, account=account)
            if self._users is None:
                self._users = (self._locks / "users.lock").open("ab")
                fcntl.flock(self._users, fcntl.LOCK_SH)
            self._wake(self._cluster)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep every other process that starts or stops the server waiting."""
        with (self._locks / "start.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _find_cluster(self, account: Account) -> Cluster:
        found = find_binaries(self._setting)
        return Cluster(
            folder=self.data / "postgres",
            socket=self.socket,
            log=self._locks / "server.log",
            account=account,
            binaries=Binaries.reachable(found, account=account, shelf=self.data / "binaries"),
        )

    def _wake(self, cluster: Cluster) -> None:
        """Return when the server answers. Processes that outlive a killed server for a moment are waited for."""
        deadline = time.monotonic() + _PATIENCE
        while not cluster.answers():
            if not cluster.has_processes():
                cluster.make()
                cluster.start()
            elif time.monotonic() < deadline:
                time.sleep(0.02)
            else:
                raise EmbeddedPostgresUnusable(
                    f"PostgreSQL processes are at work in {cluster.folder}, but none answers in {cluster.socket}: "
                    f"end them and try again. {cluster.last_words()}"
                )
