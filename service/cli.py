"""The command line. What needs FastAPI or SQLAlchemy is imported by the command that needs it: they take a while."""

import sys
from typing import Any
from uuid import UUID

import click

from service.data_option import with_data
from service.search_cli import search


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="actionbus")
def main() -> None:
    """Actionbus: every change of state is an action."""


@main.command()
@click.option("--host", help="Address to listen on.  [127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.  [8000]")
@click.option("--demo", is_flag=True, help="Make a space with a kit of 1,288 icons, and say what to try.")
@with_data
def serve(*, demo: bool, **flags: Any) -> None:
    """Serve HTTP, with an embedded PostgreSQL unless DATABASE_URL is set."""
    from service.serve import run_server

    run_server(demo=demo, **flags)


@main.command()
@click.option("--executions", "worker_executions", type=int, help="Executions that it runs at once.  [10]")
@click.option("--queues", "worker_queues", help="Queues that it takes from, by commas.  [all]")
@click.option("--until-eof", is_flag=True, hidden=True, help="Stop also when standard input ends.")
@with_data
def worker(*, until_eof: bool, **flags: Any) -> None:
    """Run what is queued, until a signal; there may be any number of workers on one database.

    With ACTIONBUS_QUEUE it is a worker of Celery's, which takes what the broker gives it.
    """
    from service.background.worker_process import run_worker

    run_worker(until_eof=until_eof, **flags)


@main.command()
@click.option("--watch", is_flag=True, help="Go on telling how it is, until Ctrl-C.")
@with_data
def workers(*, watch: bool, **flags: Any) -> None:
    """Say which workers there are, and when each was last heard of: a table on a terminal, JSON elsewhere."""
    from service.watching import print_workers

    print_workers(watch=watch, **flags)


@main.command()
@click.argument("execution", type=click.UUID)
@with_data
def watch(execution: UUID, **flags: Any) -> None:
    """Watch an execution until it ends, and print its output as JSON, or its problem, as `run` does.

    Ctrl-C ends the watching only; the execution goes on.
    """
    from service.watching import print_end

    print_end(execution, **flags)


@main.command()
@click.option("--until-eof", is_flag=True, hidden=True, help="Stop also when standard input ends.")
@with_data
def relay(*, until_eof: bool, **flags: Any) -> None:
    """Send what is queued to the broker of ACTIONBUS_QUEUE, until a signal; `serve` has one beside it."""
    from service.background.relay_process import run_relay

    run_relay(until_eof=until_eof, **flags)


@main.command()
@click.option("--actor", help="Whose token.  [the local owner]")
@click.option("--name", help="Their name, to be shown.")
@click.option("--service", is_flag=True, help="They are a service, not a person.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="A permission, an area such as kit.*, or *; what operators may is named one by one.  [*]",
)
@click.option("--hours", type=click.IntRange(1, 87_600), default=12, show_default=True, help="How long it is valid.")
@with_data
def token(**options: Any) -> None:
    """Print a token, and nothing else."""
    from service.token import print_token

    print_token(**options)


@main.command()
@with_data
def migrate(**flags: Any) -> None:
    """Bring the database's tables to the code's revision."""
    from service.shell import run_migrations

    run_migrations(**flags)


@main.command()
def actions() -> None:
    """List the actions."""
    from service.commands import print_actions

    print_actions()


@main.command()
@click.argument("action")
def describe(action: str) -> None:
    """Say what an action takes, returns and may answer."""
    from service.commands import print_description

    print_description(action)


@main.command()
@click.option("--against", type=click.File("rb"), help="An earlier document; - reads it from standard input.")
def openapi(*, against: Any) -> None:
    """Print the OpenAPI document, without any database.

    With --against, print instead what has changed since an earlier one: a line for each change, those that break
    callers marked. The exit code is 1 if one of them does so without a deprecated period, and no new major version.
    """
    from service.document import print_changes, print_document

    print_document() if against is None else print_changes(against)


main.add_command(search)


class Actions(click.Group):
    """The commands below `run`: one for each action, made from its handler when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return the names of the actions."""
        from service.commands import public_handlers

        return [*public_handlers()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command of an action."""
        from service.commands import command_for

        return command_for(cmd_name)


@main.group(cls=Actions, subcommand_metavar="ACTION [--ARGUMENT=VALUE]...")
@with_data
def run(**flags: Any) -> None:
    """Run an action as the local owner, or as who holds ACTIONBUS_TOKEN, and print its output as JSON.

    A value that starts with @ is a file to upload (`--file @logo.svg`). `--json` takes arguments as one object:
    itself, `@arguments.json`, or `-` for standard input; options give others besides. With `--async` it is queued for
    a worker, and what is printed is the execution's id, for `actionbus watch`. A problem is printed on standard
    error, and the exit code is of sysexits.h: 65 for what is invalid, 66 not found, 73 a conflict, 77 not allowed,
    75 to try again, 70 a bug, 78 for a service set up wrongly.
    """
    click.get_current_context().obj = flags


if __name__ == "__main__":
    sys.exit(main())
