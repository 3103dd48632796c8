"""The option of every command that says where the service keeps its data."""

from pathlib import Path
from typing import Any

import click


def with_data(command: Any) -> Any:
    """Add the option that says where the service keeps its data."""
    path = click.Path(path_type=Path, file_okay=False)
    return click.option("--data", type=path, help="Folder of files, key and embedded database.")(command)
