from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from handlers.suggest import Suggest
from ports.library import Kit
from ports.search import NamePart, NoWords, Suggestion
from service.testing import Trial
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, SPACE, member

ARROWS = replace(KIT, id=UUID(int=40), name="Arrows")
TWIN = replace(ASSET, id=UUID(int=41))
LIBRARY = (SPACE, KIT, ARROWS, SECTION, ASSET, TWIN)


async def test_what_is_typed_suggests_names() -> None:
    suggested = await Trial(*LIBRARY, member("viewer")).run(Suggest, text="arr")

    assert suggested.items == [
        Suggestion(
            kind="asset",
            id=ASSET.id,
            parts=[NamePart(text="arrow", found=True), NamePart(text=".svg", found=False)],
        ),
        Suggestion(kind="kit", id=ARROWS.id, parts=[NamePart(text="Arrows", found=True)]),
    ]


@pytest.mark.parametrize(
    ("scope", "kinds"), [("kit.read", ["asset", "kit"]), ("kit.*", ["asset", "kit"]), ("kit.edit", ["asset"])]
)
@pytest.mark.parametrize("arrows", [ARROWS, replace(ARROWS, visibility="public")])
async def test_a_kit_is_named_to_those_alone_who_may_read_it(arrows: Kit, scope: str, kinds: list[str]) -> None:
    trial = Trial(SPACE, KIT, arrows, SECTION, ASSET, member("viewer")).by("tester", "asset.read", scope)

    assert [item.kind for item in (await trial.run(Suggest, text="arr")).items] == kinds


async def test_a_kit_that_may_not_be_read_hides_no_asset_of_its_name() -> None:
    trial = Trial(SPACE, KIT, replace(ARROWS, name="arrow svg"), SECTION, ASSET, member("viewer"))

    suggested = await trial.by("tester", "asset.read").run(Suggest, text="arr", limit=1)

    assert [item.id for item in suggested.items] == [ASSET.id]


async def test_strangers_and_other_spaces_have_none() -> None:
    assert (await Trial(*LIBRARY).run(Suggest, text="arr")).items == []
    trial = Trial(*LIBRARY, member("viewer"))
    assert (await trial.run(Suggest, text="arr", space_id=OTHER_SPACE.id)).items == []


async def test_what_is_gone_when_the_engine_tells_of_it_is_left_out() -> None:
    removed = replace(ASSET, removed_at=datetime(2026, 1, 1, tzinfo=UTC))

    class Behind:
        async def suggest(self, *_: object, **__: object) -> list[Suggestion]:
            return [Suggestion(kind="asset", id=each.id, parts=[]) for each in (removed, TWIN)]

    trial = Trial(SPACE, KIT, SECTION, removed, TWIN, member("viewer"), search=Behind())

    assert [item.id for item in (await trial.run(Suggest, text="arr")).items] == [TWIN.id]


async def test_a_text_without_words_is_a_problem() -> None:
    with pytest.raises(NoWords):
        await Trial().run(Suggest, text="...")
