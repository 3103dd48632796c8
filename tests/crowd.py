"""How several processes share the tests: a file belongs to one of them, and what takes longest is begun first."""

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/background/",)  # its table is held against what one process has found
LONG = (
    "tests/service/test_celery.py",
    "tests/clients/",
    "tests/end_to_end/test_tutorial.py",
    "tests/end_to_end/test_readme.py",
    "tests/background/",
    "tests/end_to_end/",
    "tests/fuzz/",
)


class ByFile(LoadFileScheduling):
    """A file at a time, or a folder whose tests have to be together."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), super()._split_scope(nodeid))


def place(item: pytest.Item) -> int:
    """Return how early a test is to be begun: a long one that is begun last is waited for by all."""
    return next((number for number, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))
