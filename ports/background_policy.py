"""What may be wrong with what a handler says of how it is run in the background."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from ports.background import MAX_PRIORITY, Retry, Unique
from ports.problem import Problem

QUEUE = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")


def mistakes(handler: Any, said: Collection[str]) -> Iterator[str]:
    """Yield what is wrong, each as a sentence with its mend; `said` are the policies of its class line."""
    yield from _of_retry(handler.retry)
    yield from _of_unique(handler.unique, handler.arguments)
    if not QUEUE.fullmatch(handler.queue):
        yield f"`queue` is lower case words, as in reports, and not {handler.queue!r}; rename it."
    if abs(handler.priority) > MAX_PRIORITY:
        yield f"`priority` is {handler.priority}; write one from {-MAX_PRIORITY} to {MAX_PRIORITY}."
    idle = sorted({*said} & {"retry", "unique", "priority", "queue", "concurrency", "background"})
    if idle and (handler.secrets or handler.secret_output):
        yield f"what is secret may be on no record, so it cannot wait; leave out {', '.join(idle)}."


def _of_retry(retry: Retry) -> Iterator[str]:
    if not isinstance(retry.on, tuple) or not all(isinstance(on, type) and issubclass(on, Problem) for on in retry.on):
        yield "`retry.on` is a tuple of kinds of Problem; write `on=(KitNameTaken,)`."
    if retry.attempts < 1:
        yield f"`retry` makes {retry.attempts} attempts; write 1 or more."
    if min(retry.first, retry.most) < 0 or retry.factor < 1:
        yield "`retry` waits less each time, or less than no time; write `first` and `most` from 0, `factor` from 1."


def _of_unique(unique: Unique | None, arguments: Collection[str]) -> Iterator[str]:
    if unique is None or unique.by is None:
        return
    if not isinstance(unique.by, tuple):
        yield f"`unique.by` is a tuple of names of arguments; write `by=({unique.by!r},)`."
    elif unknown := sorted({*unique.by} - {*arguments}):
        yield f"`unique.by` names {unknown[0]!r}, which is no argument; name one of {', '.join(arguments) or 'none'}."
