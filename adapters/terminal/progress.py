"""Progress as a bar that is drawn over itself."""

import sys
from time import monotonic

REDRAW_SECONDS = 0.05
WIDTH = 30


class TerminalProgress:
    """A bar on standard error where that is a terminal; elsewhere silence."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._drawn = 0.0

    def report(self, done: int, *, total: int | None = None, note: str = "") -> None:
        """See `Progress`."""
        ended = done == total
        if not self._shown or not (ended or monotonic() - self._drawn > REDRAW_SECONDS):
            return
        self._drawn = monotonic()
        filled = WIDTH * done // total if total else 0
        bar = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{total}" if total else str(done)
        sys.stderr.write(f"\r\x1b[2K{bar} {_plain(note)}" + ("\n" if ended else ""))
        sys.stderr.flush()


class NoProgress:
    """Progress that nobody watches."""

    def report(self, done: int, *, total: int | None = None, note: str = "") -> None:
        """See `Progress`."""


def _plain(note: str) -> str:
    return "".join(character for character in note if character.isprintable())[:40]
