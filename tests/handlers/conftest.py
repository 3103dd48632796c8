"""The tests of handlers open no socket."""

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def _no_socket() -> Iterator[None]:
    disable_socket(allow_unix_socket=True)  # the event loop wakes itself by a pair of them
    yield
    enable_socket()
