"""Every action from the shell, its arguments as text: in this process, since fifty of them would take a minute."""

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


@pytest.mark.usefixtures("_log_as_before")
@pytest.mark.parametrize("action", ROWS)
def test_it_prints_its_output(stage: Stage, action: str) -> None:
    row, ours = ROWS[action], stage.world.ours
    for first, asks in row.given.items():
        assert run(stage, ours.who("owner"), first, asks(ours)).exit_code == 0

    done = run(stage, stage.world.actor(row.doer), action, row.asks(ours))

    assert done.exit_code == 0, done.output
    PUBLIC[action].output.validate_json(done.stdout)
