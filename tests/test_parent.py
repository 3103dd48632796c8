"""What the tests began ends with them, even where they are killed."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from adapters.postgres.embedded import EmbeddedPostgres
from tests.conftest import BINARIES

CHECKOUT = Path(__file__).parents[1]
BEGINS = """
import subprocess, sys, time
from pathlib import Path
from adapters.postgres.embedded import EmbeddedPostgres
from tests.parent import stopped_with_us, with_its_parent
data, binaries = map(Path, sys.argv[1:])
with stopped_with_us(data / "postgres"), EmbeddedPostgres(data, binaries):
    with subprocess.Popen([*with_its_parent(), "sleep", "600"]) as began:
        print(began.pid, flush=True)
        time.sleep(600)
"""


async def test_a_server_and_a_process_end_with_tests_that_are_killed(enterable: Path) -> None:
    data = enterable / "orphaned"
    tests = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", BEGINS, str(data), str(BINARIES["wheel"])), cwd=CHECKOUT, stdout=PIPE
    )
    assert tests.stdout is not None
    async with asyncio.timeout(60):
        began = Path("/proc", (await tests.stdout.readline()).decode().strip())
        while not (began / "cmdline").read_bytes().startswith(b"sleep"):  # only then has it asked to be told
            await asyncio.sleep(0.02)
        server = data / "postgres" / "postmaster.pid"
        assert server.exists()
        tests.kill()
        await tests.communicate()
        while began.exists() or server.exists():
            await asyncio.sleep(0.02)

    with EmbeddedPostgres(data, BINARIES["wheel"]):
        assert server.exists()  # it was stopped well, and is started as ever
