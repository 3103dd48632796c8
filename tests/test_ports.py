"""Ports that servers of the tests are given: of nobody else, for as long as they are held."""

import subprocess
import sys
from pathlib import Path

from tests.ports import OUTGOING, ports

CHECKOUT = Path(__file__).parents[1]
ASKS_FOR_IT = """
import sys, tests.ports
tests.ports.LOWEST = tests.ports.HIGHEST = int(sys.argv[1])
with tests.ports.ports(1) as held:
    print(len(held))
"""


def held_by_another(port: int) -> int:
    """How many of this one port another process is given."""
    asking = (sys.executable, "-c", ASKS_FOR_IT, str(port))
    return int(subprocess.run(asking, cwd=CHECKOUT, capture_output=True, check=True, timeout=60).stdout)


def test_what_is_held_is_given_to_nobody_else_though_nothing_listens_there() -> None:
    with ports(1) as (port,):
        assert held_by_another(port) == 0
    assert held_by_another(port) == 1


def test_none_is_one_that_a_connection_may_be_given() -> None:
    lowest, highest = map(int, OUTGOING.read_text().split())

    with ports(3) as held:
        assert len({*held}) == 3
        assert not [port for port in held if lowest <= port <= highest]
