"""Requests that nobody would think of: Schemathesis makes them from the document, for a service that runs.

`make fuzz` makes more than 10,000 of them, and no two runs alike.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ports.example import ACTOR
from service.composition import Service
from tests.conftest import KEY, token_of
from tests.end_to_end.processes import ACTIONBUS, CHECKOUT, environment
from tests.openapi.example import add_files, add_records

SCHEMATHESIS = str(Path(sys.prefix) / "bin" / "schemathesis")
CONFIGURATION = str(Path(__file__).parent / "schemathesis.toml")
FEW = "--max-examples=3 --seed=1"
LEAST_CASES = int(os.environ.get("FUZZ_CASES", "1000"))
LEAST_DONE = 40


@asynccontextmanager
async def serving(service: Service, log: Path) -> AsyncIterator[str]:
    """Serve the database and the files of `service` by another process; yield its address."""
    url = service.engine.url.render_as_string(hide_password=False)
    told = environment(service.settings.data, DATABASE_URL=url, ACTIONBUS_SIGNING_KEY=KEY, ACTIONBUS_LOG_LEVEL="info")
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            ACTIONBUS, "serve", "--port=0", cwd=CHECKOUT, env=told, stdout=PIPE, stderr=written
        )
    assert process.stdout is not None
    try:
        said = (await process.stdout.readline()).decode()
        assert "is ready" in said, log.read_text()
        yield said.partition(" on ")[2].partition(",")[0]
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


def callers(service: Service) -> dict[str, Any]:
    """Who asks, as Web Fuzzing Commons has it; both of them may do everything, with what is their own."""
    tokens = {name: token_of(service, name, "*", "file.sweep") for name in (ACTOR, "mallory")}
    return {
        "auth": [
            {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
            for name, token in tokens.items()
        ]
    }


async def fuzzed(address: str, folder: Path, **told: str) -> tuple[str, Any]:
    """Return what Schemathesis said, and its report."""
    report, options = folder / "report.json", os.environ.get("FUZZ_OPTIONS", FEW).split()
    process = await asyncio.create_subprocess_exec(
        *(SCHEMATHESIS, "--config-file", CONFIGURATION, "run", f"{address}/openapi.json", *options),
        *("--report-json-path", str(report)),
        cwd=CHECKOUT, env=os.environ | told, stdout=PIPE, stderr=STDOUT,
    )  # fmt: skip
    said = (await process.communicate())[0].decode()
    return said, json.loads(report.read_bytes())


async def test_every_request_is_answered_as_the_document_says(service: Service, tmp_path: Path) -> None:
    await add_records(service)
    await add_files(service)
    log, tokens = tmp_path / "log", tmp_path / "callers.json"
    tokens.write_text(json.dumps(callers(service)))

    cases = 0
    async with serving(service, log) as address:
        while cases < LEAST_CASES:
            said, report = await fuzzed(address, tmp_path, FUZZ_CALLERS=str(tokens))
            print(said)  # noqa: T201 - pytest shows it where the test fails, and to who asks by -s
            assert (report["failures"], report["errors"], report["exit_code"]) == ([], [], 0)
            assert {phase["status"] for phase in report["phases"].values()} == {"success"}
            assert report["operations"]["tested"] == report["operations"]["total"]
            cases += report["test_cases"]["generated"]

    assert_well_kept(log.read_bytes().splitlines())  # of text, Unicode knows more ends of lines


def assert_well_kept(log: list[bytes]) -> None:
    """Assert that no request was a bug, and that the requests were not merely refused."""
    records = [json.loads(line) for line in log if line.startswith(b"{")]
    assert [line for line in log if not line.startswith(b"{") and b"Invalid HTTP request received" not in line] == []
    assert [record for record in records if record["level"] == "error" or "exception" in record] == []
    done = {record["action"] for record in records if record.get("state") == "succeeded"}
    assert len(done) >= LEAST_DONE, done
