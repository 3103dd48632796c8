"""The commands below `search`."""

from typing import Any

import click

from service.data_option import with_data


@click.group()
def search() -> None:
    """Look after the index of a search engine; with PostgreSQL, there is none but the rows."""


@search.command()
@with_data
def status(**flags: Any) -> None:
    """Say which engine searches, whether it answers, and how far its index is behind what was written."""
    from service.search_commands import print_status

    print_status(**flags)


@search.command()
@with_data
def reindex(**flags: Any) -> None:
    """Build the index anew beside the live one, put it in its place, and say how it is then.

    Searches are answered throughout. Ctrl-C ends the waiting only: a worker goes on with it.
    """
    from service.search_commands import print_reindexed

    print_reindexed(**flags)


@search.command()
@click.option("--repair", is_flag=True, help="Write anew what differs.")
@with_data
def verify(*, repair: bool, **flags: Any) -> None:
    """Compare the index with the database; the exit code is 1 if something differs and was not repaired."""
    from service.search_commands import print_verified

    print_verified(repair=repair, **flags)
