"""Texts that mean harm, to every engine over HTTP: an answer or a problem, and nothing of another's space in it."""

from collections.abc import Sequence
from urllib.parse import quote

import pytest

from service.http.app import create_app
from tests.adapters.searching import ADA
from tests.conftest import token_of
from tests.every.attack import Attack
from tests.every.hostile import QUERIES, TEXTS
from tests.search.icons import Icons

ACTIONS = ("search_assets", "search_kits", "suggest")
OPERATORS = (
    "arrow | zeppelin", "!arrow", "zeppelin:*", "zeppelin:A", "'zeppelin'", "=zeppelin", "~zepelin", "arrow <-> zepp",
    "arrow') or true --", "') union select name from assets --", "{zeppelin}", "$1", "$$zepp$$", "zepp%", "_eppelin",
    "zep.*", "/zep.*/", "zeppelin~2", "z*", "?eppelin", "name:zeppelin OR open:true", "_exists_:name", "space_id:*",
    '{"match_all":{}}', '"},"query":{"match_all":{}},"x":{"a":"', '{"query_string":{"query":"z*"}}', "<b>zepp</b>",
)  # fmt: skip
SHAPES = (
    "zeppelin " * 22, "w " * 100, " ".join(map(str, range(10_000))), "z" * 200, "z" * 10_000, "((arrow", "arrow))",
    '"arrow', "'arrow", "arrow\\", "\\u0000", "arrow\0zeppelin", "\u200bzep\u200bpelin", "\u0301", "\u0301\u0302\u0303",
    "z\u0301\u0302" * 60, "🎉", "👩\u200d👧\u200d👦", "שלום arrow", "\u202enileppez", "\u2066arrow\u2069", "ﷺ" * 200,
    "0", "-1", "1e400", "3.14", "٣", "½", "²", "Ⅻ", "\ufffe", "\U0010ffff", "\ue000", "矢印", "[{(<",
)  # fmt: skip


@pytest.fixture
def attacks(icons: Icons) -> list[Attack]:
    """Ada, who asks each of the actions that search."""
    app, token = create_app(icons.service), token_of(icons.service, ADA)
    return [Attack(app=app, token=token, action=action) for action in ACTIONS]


async def assert_unharmed(icons: Icons, attacks: Sequence[Attack]) -> None:
    theirs = (str(icons.airships.space.id), str(icons.airships.kit.id), "zeppelin", "Airships", "flying", "bob")
    for attack in attacks:
        attack.assert_told_well()
        assert [each for each in attack.told if any(word in str(each[2]) for word in theirs)] == []
        assert {status for _, status, _ in attack.told} <= {200, 422}


@pytest.mark.parametrize("texts", [TEXTS, OPERATORS, SHAPES], ids=["any", "operators", "shapes"])
async def test_no_text_does_harm(icons: Icons, attacks: list[Attack], texts: Sequence[str]) -> None:
    for attack in attacks:
        facets = b"&facets=true" if attack.action == "search_assets" else b""
        for text in texts:
            await attack.send(query=b"text=" + quote(text, safe="").encode() + facets)

    await assert_unharmed(icons, attacks)


@pytest.mark.parametrize("field", ["tag", "media_type", "added_by", "cursor", "sort", "since", "kit_id"])
async def test_no_filter_does_harm(icons: Icons, attacks: list[Attack], field: str) -> None:
    searching = attacks[0]

    for text in (*TEXTS, *OPERATORS, *SHAPES):
        await searching.send(query=f"text=arrow&facets=true&{field}={quote(text, safe='')}".encode())

    await assert_unharmed(icons, attacks)


async def test_no_bytes_do_harm(icons: Icons, attacks: list[Attack]) -> None:
    for attack in attacks:
        for query in QUERIES:
            await attack.send(query=b"text=" + query)

    await assert_unharmed(icons, attacks)


async def test_what_ada_may_see_is_answered_meanwhile(icons: Icons, attacks: list[Attack]) -> None:
    for attack in attacks:
        await attack.send(query=b"text=" + (b"ads" if attack.action == "search_kits" else b"rocket%20launch"))

        [(_, status, answer)] = attack.told
        assert (status, bool(answer["items"])) == (200, True)
