"""The table feature x engine in docs/engines.md: what it says, and what the suite found."""

from pathlib import Path

from tests.background.features import Feature

DOCUMENT = Path(__file__).parents[2] / "docs" / "engines.md"
ENGINES = ("memory", "ledger", "celery")
COLUMNS = "| feature | memory | the ledger | Celery |\n|---|---|---|---|\n"
PASSED, FAILED, NOT_RUN = "yes", "no", "not run"

Cells = dict[tuple[Feature, str], str]


def told() -> Cells:
    """Return what the document says."""
    cells: Cells = {}
    for line in DOCUMENT.read_text().partition(COLUMNS)[2].splitlines():
        row, *said = (cell.strip() for cell in line.strip("|").split("|"))
        cells |= {(Feature(row), engine): cell for engine, cell in zip(ENGINES, said, strict=True)}
    return cells


def write(found: Cells) -> None:
    """Write what the suite found into the document; of what was not run, what it said before stays."""
    head = DOCUMENT.read_text().partition(COLUMNS)[0]
    cells = told_if_it_can() | found
    lines = [
        f"| {' | '.join([row, *(cells.get((row, engine), NOT_RUN) for engine in ENGINES)])} |\n" for row in Feature
    ]
    DOCUMENT.write_text(head + COLUMNS + "".join(lines))


def told_if_it_can() -> Cells:
    """Return what the document says, or nothing where its rows are of another time."""
    try:
        return told()
    except ValueError:
        return {}
