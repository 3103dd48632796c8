from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from handlers.search_kits import FoundKit, SearchKits
from ports.cursor import InvalidCursor
from ports.search import NamePart, NoWords
from service.testing import Trial
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, SPACE, member

OTHER = replace(KIT, id=UUID(int=40), name="Brand new")
FOREIGN = replace(KIT, id=UUID(int=41), space_id=OTHER_SPACE.id)
PUBLIC = replace(FOREIGN, id=UUID(int=42), name="Brand of others", visibility="public")
ARCHIVED = replace(KIT, id=UUID(int=43), name="Brand old", archived_at=datetime(2026, 1, 1, tzinfo=UTC))
LIBRARY = (SPACE, KIT, OTHER, SECTION, ASSET, OTHER_SPACE, FOREIGN, PUBLIC, ARCHIVED)


async def test_kits_of_ones_spaces_and_public_ones_are_found() -> None:
    found = await Trial(*LIBRARY, member("viewer")).run(SearchKits, text="brands")

    assert found.items[0] == FoundKit(kit=KIT, name_parts=[NamePart(text="Brand", found=True)])
    assert [item.kit for item in found.items] == [KIT, OTHER, PUBLIC]
    assert (found.total, found.forgiven, found.next_cursor) == (3, False, None)


async def test_a_stranger_finds_public_kits_alone() -> None:
    trial = Trial(*LIBRARY)

    assert [item.kit for item in (await trial.run(SearchKits, text="brand")).items] == [PUBLIC]
    assert (await trial.run(SearchKits, space_id=SPACE.id)).items == []


async def test_a_page_goes_on_where_the_one_before_ended() -> None:
    trial = Trial(*LIBRARY, member("viewer"))
    first = await trial.run(SearchKits, sort="newest", limit=2)

    second = await trial.run(SearchKits, sort="newest", limit=2, cursor=first.next_cursor)

    assert [item.kit for item in (*first.items, *second.items)] == [PUBLIC, OTHER, KIT]


async def test_a_text_without_words_and_a_cursor_of_nowhere_are_problems() -> None:
    with pytest.raises(NoWords):
        await Trial().run(SearchKits, text="...")
    with pytest.raises(InvalidCursor):
        await Trial().run(SearchKits, cursor="?")
