"""Run the suite, and write the table in docs/engines.md of what it found: `python -m tests.background`."""

import sys
from pathlib import Path

import pytest

from tests.background.found import FOUND
from tests.background.table import Cells, write


class Writer:
    """What writes the table when the suite has been run."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        found: Cells = session.config.stash[FOUND]
        write(found)


if __name__ == "__main__":
    sys.exit(pytest.main([str(Path(__file__).parent), "--deselect", "tests/background/test_the_table.py"], [Writer()]))
