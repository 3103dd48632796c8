"""The migration that folds anew and learns words, beside processes of the version before."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from service.database import Database, migrate
from tests.conftest import BINARIES, Cluster
from tests.library import ASSET, KIT, SECTION, SPACE
from tests.migrations.test_words_to_search_by import BEFORE

pytestmark = pytest.mark.parametrize("cluster", BINARIES, indirect=True, scope="session")

# As the version before folded: what cannot be seen split a word.
FOLD = """
create or replace function search_fold(name text) returns text immutable strict parallel safe language plpgsql
as $$ begin
    return btrim(regexp_replace(lower(name collate "C"), '[^a-z0-9日本]+', ' ', 'g'));
end $$
"""
ADD = f"""
insert into assets (id, version, space_id, kit_id, section_id, name, sha256, media_type, size)
values ('00000000-0000-0000-0000-00000000010{{}}', 1, '{SPACE.id}', '{KIT.id}', '{SECTION.id}', '{{}}',
    '{ASSET.sha256}', 'image/png', 1)
"""
KEPT = "select folded, words::text, xmin::text from assets order by id"
WORDS = "select word from vocabulary order by word"
WAITS = "select 1 from pg_stat_activity where datname = '{}' and wait_event_type = 'Lock'"


async def test_what_folds_otherwise_is_written_anew_and_nothing_else(cluster: Cluster, empty: Database) -> None:
    name = str(empty.service.database)
    await migrate(empty, revision="0008")
    adding = [ADD.format(*each) for each in ((1, "Micro\u200bphone"), (2, "日本"), (3, "Arrow 日"), (4, "arrow-left"))]
    await cluster.run(FOLD, *BEFORE, *adding, database=name)
    before = await cluster.run(KEPT, database=name)

    await migrate(empty, revision="0009")

    after = await cluster.run(KEPT, database=name)
    assert [row[:2] for row in after] == [
        ("microphone", "'=microphon' 'microphone'"),
        ("日 本", "'=日' '=本' '日' '本'"),
        ("arrow 日", "'=arrow' '=日' 'arrow' '日'"),
        ("arrow left", "'=arrow' '=left' 'arrow' 'left'"),
    ]
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, False, True, True]
    found = "select count(*) from assets where search_spellings(name) @@ '~microphne' and removed_at is null"
    assert await cluster.run("set enable_seqscan = off", found, database=name) == [(1,)]
    assert await cluster.run(WORDS, database=name) == [(word,) for word in ("arrow", "left", "lodz", "microphone")]


async def test_who_writes_meanwhile_is_waited_for(cluster: Cluster, empty: Database) -> None:
    name = str(empty.service.database)
    await migrate(empty, revision="0008")
    await cluster.run(FOLD, *BEFORE, database=name)
    engine = create_async_engine(empty.service)

    async with engine.begin() as connection:
        await connection.execute(text(ADD.format(1, "Micro\u200bphone")))
        migrating = asyncio.create_task(migrate(empty, revision="0009"))
        while not await cluster.run(WAITS.format(name), database=name):
            assert not migrating.done()
            await asyncio.sleep(0.01)
    await migrating
    await engine.dispose()

    assert [row[0] for row in await cluster.run(KEPT, database=name)] == ["microphone"]
    assert ("microphone",) in await cluster.run(WORDS, database=name)


async def test_who_knows_nothing_of_the_vocabulary_adds_to_it(cluster: Cluster, empty: Database) -> None:
    name = str(empty.service.database)
    await migrate(empty)
    await cluster.run(*BEFORE, database=name)
    engine = create_async_engine(empty.service)

    async with engine.begin() as connection:
        await connection.execute(text(ADD.format(1, "Microphone-blue 2024 1234a up")))
        await connection.execute(text(ADD.format(2, "Microphone-red")))
        await connection.execute(text("update assets set name = 'Circle' where name = 'Microphone-red'"))
        await connection.execute(text(f"update kits set name = 'Triangle' where id = '{KIT.id}'"))
    await engine.dispose()

    assert await cluster.run(WORDS, database=name) == [
        (word,) for word in ("blue", "circle", "lodz", "microphone", "triangle")
    ]


async def test_two_who_add_the_same_word_do_not_wait_for_each_other(cluster: Cluster, empty: Database) -> None:
    await migrate(empty)
    await cluster.run(*BEFORE, database=str(empty.service.database))
    engine = create_async_engine(empty.service)

    async with asyncio.timeout(10), engine.begin() as one, engine.begin() as other:
        await one.execute(text(ADD.format(1, "Microphone")))
        await other.execute(text(ADD.format(2, "microphone")))
    await engine.dispose()

    assert await cluster.run(f"{WORDS} offset 1", database=str(empty.service.database)) == [("microphone",)] * 2


async def test_it_may_be_run_again_where_it_ended_in_between(cluster: Cluster, empty: Database) -> None:
    name = str(empty.service.database)
    await migrate(empty, revision="0009")
    await cluster.run(
        "drop trigger learn_added on kits", "update alembic_version set version_num = '0008'", database=name
    )
    await cluster.run(*BEFORE, database=name)

    await migrate(empty, revision="0009")

    assert await cluster.run(WORDS, database=name) == [("lodz",)]
