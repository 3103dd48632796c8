"""Every action from the shell, its arguments as text: in this process, since fifty of them would take a minute."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from click.testing import CliRunner, Result
from sqlalchemy import URL

from adapters.structlog.logger import unbound_log
from service.cli import main
from tests.conftest import KEY, token_of
from tests.every.conftest import PUBLIC, Stage
from tests.every.rows import ROWS, Arguments


@pytest.fixture
def _log_as_before() -> Iterator[None]:
    """A command sets up the log of its process, and here that is also ours."""
    root, configured = logging.getLogger(), structlog.get_config() if structlog.is_configured() else None
    handlers, level = [*root.handlers], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    if configured:
        structlog.configure(**configured)
    unbound_log.cache_clear()


def options_of(arguments: Arguments) -> list[str]:
    """The arguments as one writes them; a list is its option several times."""
    given = [
        (name, each) for name, value in arguments.items() for each in (value if isinstance(value, list) else [value])
    ]
    return [
        f"--{name.replace('_', '-')}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in given
    ]


def run(stage: Stage, actor: str, action: str, arguments: Arguments) -> Result:
    url: URL = stage.database.service
    environment = {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "ACTIONBUS_DATA": str(stage.service.settings.data),
        "ACTIONBUS_SIGNING_KEY": KEY,
        "ACTIONBUS_TOKEN": token_of(stage.service, actor),
    }
    return CliRunner().invoke(main, ["run", action, *options_of(arguments)], env=environment, catch_exceptions=False)


def ledger_of(stage: Stage, actor: str, limit: int) -> list[bytes]:
    """The newest of the caller's own executions."""
    page = json.loads(run(stage, actor, "list_executions", {"limit": limit}).stdout)
    ids = [row["id"] for row in page["items"]][: limit - 1]
    return [run(stage, actor, "get_execution", {"execution_id": each}).stdout_bytes for each in ids]


@pytest.mark.usefixtures("_log_as_before")
@pytest.mark.parametrize("action", ROWS)
def test_it_prints_what_the_runner_tells(stage: Stage, action: str, told_by_the_runner: list[str]) -> None:
    row, ours = ROWS[action], stage.world.ours
    actor = stage.world.actor(row.doer)
    for first, asks in row.given.items():
        assert run(stage, ours.who("owner"), first, asks(ours)).exit_code == 0

    done = run(stage, actor, action, row.asks(ours))

    assert (done.exit_code, done.stderr) == (0, "")
    PUBLIC[action].output.validate_json(done.stdout)
    ledger = ledger_of(stage, actor, len(told_by_the_runner))
    assert [stage.masked(done.stdout_bytes), *sorted(map(stage.masked, ledger))] == told_by_the_runner
