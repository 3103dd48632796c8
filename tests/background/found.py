"""What came of each feature on each engine, as pytest tells it."""

import pytest

from tests.background.features import Feature
from tests.background.table import FAILED, PASSED, Cells

FOUND = pytest.StashKey[Cells]()


def take_down(item: pytest.Item, report: pytest.TestReport) -> None:
    """Keep what a test says of its row; one that failed says more than any other, and one that was not run nothing."""
    marker, found = item.get_closest_marker("feature"), item.config.stash[FOUND]
    if marker is None or report.skipped or not isinstance(item, pytest.Function):
        return
    row: Feature = marker.args[0]
    key = (row, str(item.callspec.params["engine"]))
    if report.failed or (report.when == "call" and found.get(key) != FAILED):
        found[key] = FAILED if report.failed else PASSED
