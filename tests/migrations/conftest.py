"""An empty database for each test of migrations."""

from collections.abc import AsyncIterator

import pytest

from service.database import Database
from tests.conftest import Cluster


@pytest.fixture
async def empty(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.empty_database() as database:
        yield database
