"""Garbage collection in a process that lives long."""

import gc


def keep_what_is_there() -> None:
    """Have garbage collection leave out what there is by now: it stays as long as the process.

    Looking through all of it takes some 70 milliseconds, during which nobody is answered.
    """
    gc.collect()
    gc.freeze()
