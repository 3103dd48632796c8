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
from tests.every.rows import REFUSED, WAYS, Arguments, action_of, refused_arguments


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
    """The arguments as one writes them: a list is its option several times, and None is to leave it out."""
    given = {name: value if isinstance(value, list) else [value] for name, value in arguments.items()}
    return [f"--{name.replace('_', '-')}={text_of(each)}" for name in given for each in given[name] if each is not None]


def text_of(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def run(stage: Stage, actor: str, action: str, arguments: Arguments) -> Result:
    url: URL = stage.database.service
    environment = {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "ACTIONBUS_DATA": str(stage.service.settings.data),
        "ACTIONBUS_SIGNING_KEY": KEY,
        "ACTIONBUS_TOKEN": token_of(stage.service, actor),
    }
    return CliRunner().invoke(
        main, ["run", action_of(action), *options_of(arguments)], env=environment, catch_exceptions=False
    )


@pytest.fixture
def printed(stage: Stage, action: str, told_by_the_runner: list[str], _log_as_before: None) -> Result:
    """What the command of an action prints for its doer: it runs in a loop of its own, before the test's."""
    row, ours = WAYS[action], stage.world.ours
    for first, asks in row.given.items():
        assert run(stage, ours.who("owner"), first, asks(ours)).exit_code == 0
    return run(stage, stage.world.actor(row.doer), action, row.asks(ours))


@pytest.mark.parametrize("action", WAYS)
async def test_it_prints_what_the_runner_tells(
    stage: Stage, action: str, told_by_the_runner: list[str], printed: Result
) -> None:
    actor, (output, *ledger) = stage.world.actor(WAYS[action].doer), told_by_the_runner

    assert (printed.exit_code, printed.stderr) == (0, "")
    PUBLIC[action_of(action)].output.validate_json(printed.stdout)
    assert stage.masked(printed.stdout_bytes) == output
    assert await stage.newest(actor, len(ledger)) == ledger


@pytest.mark.usefixtures("_log_as_before")
@pytest.mark.parametrize(("action", "code"), REFUSED, ids=map("-".join, REFUSED))
def test_it_prints_the_problem_that_the_runner_tells(
    stage: Stage, action: str, code: str, refused_by_the_runner: str
) -> None:
    ours = stage.world.ours

    done = run(stage, ours.who("owner"), action, refused_arguments(action, code, ours))

    assert (done.exit_code == 0, done.stdout) == (False, "")
    assert stage.masked(done.stderr_bytes or b"") == refused_by_the_runner
