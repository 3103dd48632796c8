"""Garbage collection leaves out what stays."""

import gc
import subprocess
import sys

from service.collecting import keep_what_is_there


def test_what_is_there_is_not_looked_through_again() -> None:
    before = len(gc.get_objects())
    try:
        keep_what_is_there()
        assert len(gc.get_objects()) < before / 10
    finally:
        gc.unfreeze()


def test_what_comes_later_is_still_collected() -> None:
    script = """
import gc, weakref
from service.collecting import keep_what_is_there
class Circle: pass
keep_what_is_there()
circle = Circle()
circle.itself, gone = circle, weakref.ref(circle)
del circle
gc.collect()
print(gone() is None)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "True"
