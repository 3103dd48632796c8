"""Words that are close to others among twenty thousand: what is read for one is bounded."""

from collections.abc import AsyncIterator

import pytest

from adapters.postgres.vocabulary import CLOSE, MOST
from adapters.words.forms import twice_shortened
from service.database import Database
from tests.adapters.test_plans import Planner
from tests.adapters.test_plans_of_search import MODES, buffers_read
from tests.conftest import BINARIES, TEMPLATE, Cluster

pytestmark = pytest.mark.parametrize("cluster", BINARIES, indirect=True, scope="session")

# Words of seven to ten letters, as numbers say them, beside some that may be meant.
FILL = [
    """insert into vocabulary (word)
    select left(translate(md5(n::text), '0123456789', 'ghijklmnop'), 7 + n % 4) from generate_series(1, 20000) n""",
    "insert into vocabulary (word) values ('microphone'), ('microphones'), ('microscope'), ('telephone')",
    "vacuum analyze vocabulary",
]


@pytest.fixture(scope="module")
async def filled(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.empty_database(template=TEMPLATE) as database:
        await cluster.run(*FILL, database=str(database.service.database))
        yield database


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("word", ["microfone", "abcdefghijklmnop", "circle"])
async def test_a_word_reads_those_that_are_close_to_it(
    cluster: Cluster, filled: Database, word: str, mode: str
) -> None:
    shortened = f"{{{','.join(sorted(twice_shortened(word)))}}}"

    plan = await Planner(cluster, filled).told(CLOSE, shortened, MOST, mode=mode)

    assert "ix_vocabulary_close" in plan, plan
    assert "Seq Scan" not in plan, plan
    assert buffers_read(plan) <= 800, plan


@pytest.mark.parametrize("mode", MODES)
async def test_a_new_word_reads_whether_it_is_there(cluster: Cluster, filled: Database, mode: str) -> None:
    plan = await Planner(cluster, filled).told("select from vocabulary where word = $1", "microphone", mode=mode)

    assert "ix_vocabulary_word" in plan, plan
    assert buffers_read(plan) <= 8, plan
