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
        self._open = False

    def report(self, done: int, *, total: int | None = None, note: str = "") -> None:
        """See `Progress`."""
        ended = done == total
        if ended or monotonic() - self._drawn > REDRAW_SECONDS:
            filled = WIDTH * done // total if total else 0
            bar = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{total}" if total else str(done)
            self.say(f"{bar} {_plain(note)}")
        if ended:
            self.leave()

    def say(self, text: str) -> None:
        """Draw a text in the place of the bar."""
        if self._shown:
            self._drawn, self._open = monotonic(), True
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()

    def leave(self) -> None:
        """Go on below the bar, if there is one that has not come to its end."""
        if self._open:
            sys.stderr.write("\n")
            sys.stderr.flush()
        self._open = False


class NoProgress:
    """Progress that nobody watches."""

    def report(self, done: int, *, total: int | None = None, note: str = "") -> None:
        """See `Progress`."""


def _plain(note: str) -> str:
    return "".join(character for character in note if character.isprintable())[:40]
