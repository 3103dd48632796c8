"""Run the benchmarks: `make bench` prints the table and writes results.json."""

import asyncio
import json
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import structlog
import uvloop

from adapters.structlog.logger import configure_log
from benchmarks import by_hand
from benchmarks.actions.echo import Echo
from benchmarks.measure import Result, Work, asgi_call, compare, keep
from ports.action import Caller
from service.composition import Service, open_service
from service.http.app import create_app
from service.registry import Registry
from service.runner import ActionRunner
from service.settings import load_settings

ECHO = b'{"space_id":"01a20a25-4e91-7000-8005-a56dcffdd66c","name":"Spring launch","labels":{"season":"spring"}}'
CALLER = Caller(actor="owner", entry_point="http")


async def runner_alone(service: Service, *, actions: int) -> Result:
    """Measure a no-op action without a database, all duties, beside checking its arguments and two records."""
    service.registry = Registry({f"echo_{n}": Echo for n in range(actions)})
    last = f"echo_{actions - 1}"
    model, log = Echo.input_model, structlog.get_logger()

    async def ours() -> object:
        return await ActionRunner(service, CALLER).run(last, ECHO)

    who = {"actor": CALLER.actor, "via": None, "entry_point": "http", "parent": None, "dry_run": False}
    same = {"execution_id": uuid4(), "trace_id": uuid4().hex, "action": last}

    async def alternative() -> None:
        checked = model.model_validate_json(ECHO)
        log.info("action.submitted", **same, **who, arguments=vars(checked))
        log.info("action.completed", **same, state="succeeded", problem=None, arguments=vars(checked),
                 milliseconds=0.1, dry_run=False, replayed=False)  # fmt: skip

    return await compare(f"runner, {actions:,} actions", ours, alternative, target=2.5, times=1_000)


async def http_without_database(service: Service, *, actions: int) -> Result:
    """Measure POST of a no-op action beside a hand-written route with the same models and two records."""
    service.registry = Registry({f"echo_{n}": Echo for n in range(actions)})
    token = _token(service)
    ours = asgi_call(create_app(service), f"/actions/echo_{actions - 1}", lambda: ECHO, token)
    alternative = asgi_call(by_hand.create_app(service), "/echo", lambda: ECHO, token)
    return await compare(f"HTTP without a database, {actions:,} actions", ours, alternative, target=1.0, times=500)


async def http_with_row(service: Service) -> Result:
    """Measure create_kit with its look-up, row, change and ledger row beside a hand-written look-up and row."""
    runner, token, numbers = ActionRunner(service, CALLER), _token(service), count()
    space = await runner.execute("create_space", {"name": "Benchmark"})

    def body() -> bytes:
        return json.dumps({"space_id": str(space.id), "name": f"Kit {next(numbers)}"}).encode()

    ours = asgi_call(create_app(service), "/actions/create_kit", body, token)
    alternative = asgi_call(by_hand.create_app(service), "/kits", body, token)
    return await compare("HTTP with a row and its records", _eight_at_once(ours), _eight_at_once(alternative),
                         target=1.0, times=40)  # fmt: skip


async def main() -> None:
    """Measure, print and write."""
    with tempfile.TemporaryDirectory(prefix="actionbus-bench-") as folder, Path("/dev/null").open("wb") as sink:
        Path(folder).chmod(0o755)
        configure_log(level="info", readable=False, stream=sink)
        settings = load_settings(data=Path(folder) / "data")
        async with open_service(settings) as service:
            own = service.registry
            results = [await runner_alone(service, actions=n) for n in (10, 1_000)]
            results += [await http_without_database(service, actions=n) for n in (10, 1_000)]
            service.registry = own
            results.append(await http_with_row(service))
    _print(results)
    keep(results)


def _eight_at_once(work: Work) -> Work:
    async def eight() -> None:
        await asyncio.gather(*(work() for _ in range(8)))

    return eight


def _token(service: Service) -> str:
    return service.tokens.token(actor="owner", scopes=["*"], at=datetime.now(UTC), lifetime=timedelta(hours=1))


def _print(results: list[Result]) -> None:
    print(f"{'CPU time, ours to the alternative':<44} ratio  target      ours  alternative")
    for r in results:
        print(f"{r.name:<44} {r.ratio:5.2f}  {r.target:6.2f}  {r.ours_us:6.0f} us  {r.alternative_us:8.0f} us")


if __name__ == "__main__":
    uvloop.run(main())
