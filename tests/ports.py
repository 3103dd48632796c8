"""Ports of this machine for servers of the tests: nobody else is given them while they are ours."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from random import sample

HOST = "127.0.0.1"
LOWEST, HIGHEST = 10_000, 65_535
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


@contextmanager
def ports(count: int) -> Iterator[tuple[int, ...]]:
    """So many ports, held until it is left, whether or not a server listens on them.

    None is of those that the kernel gives to connections: one that knocks at a server which is down could be given
    the server's own port, be connected with itself, and keep the server from coming back.
    """
    lowest, highest = map(int, OUTGOING.read_text().split())
    candidates = [port for port in range(LOWEST, HIGHEST + 1) if not lowest <= port <= highest]
    with ExitStack() as held:
        ours = (port for port in sample(candidates, len(candidates)) if _is_ours(port, held) and _is_free(port))
        yield tuple(islice(ours, count))


def _is_ours(port: int, held: ExitStack) -> bool:
    """Hold the port against other tests, by a name that the kernel gives to one of them and frees with its process."""
    return _is_bound(held.enter_context(socket.socket(socket.AF_UNIX)), f"\0actionbus-tests-{port}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return _is_bound(probe, (HOST, port))


def _is_bound(unbound: socket.socket, address: str | tuple[str, int]) -> bool:
    try:
        unbound.bind(address)
    except OSError:
        return False
    return True
