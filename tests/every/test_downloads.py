"""The file of an asset, asked for by everybody, in all states in which a kit can be."""

from collections.abc import Mapping

import pytest

from tests.conftest import client_of
from tests.every.conftest import Stage
from tests.every.doors import Tokens
from tests.every.rows import NO_MORE, PUBLIC, WHO, Made
from tests.every.world import LINK, NOBODY, OPERATOR

GIVEN: Mapping[str, Mapping[str, Made]] = {
    "private": {},
    "public": PUBLIC,
    "archived": NO_MORE,
    "in the trash": PUBLIC | {"remove_asset": lambda of: {"asset_id": of.asset}},
    "no longer shared": {"revoke_share": lambda of: {"share_id": of.share}},
}
OUTSIDE = ("stranger", NOBODY, OPERATOR)
REFUSED: Mapping[str, Mapping[str, str]] = {
    "private": dict.fromkeys(OUTSIDE, "file_not_stored"),
    "public": {},
    "archived": {**dict.fromkeys(OUTSIDE, "file_not_stored"), LINK: "link_not_valid"},
    "in the trash": dict.fromkeys({*WHO} - {"owner"}, "file_not_stored"),  # the owner has uploaded it
    "no longer shared": {**dict.fromkeys(OUTSIDE, "file_not_stored"), LINK: "link_not_valid"},
}


@pytest.fixture
def tokens(furnished: Stage) -> Tokens:
    return Tokens(furnished.service, furnished.world)


@pytest.mark.parametrize("state", GIVEN)
async def test_a_file_is_had_by_who_may_see_its_asset(stage: Stage, tokens: Tokens, state: str) -> None:
    await stage.do(GIVEN[state], stage.world.ours)
    told = {}
    async with client_of(stage.service) as client:
        for who in WHO:
            token = {"authorization": f"Bearer {tokens.of(stage.world.actor(who))}"}
            answer = await client.get(f"/files/{stage.world.ours.file}", headers=token)
            told[who] = None if answer.content.startswith(b"<svg") else answer.json()["code"]

    assert told == {who: REFUSED[state].get(who) for who in WHO}


@pytest.mark.parametrize("state", GIVEN)
async def test_a_link_opens_its_kit_as_long_as_its_files_may_be_had(stage: Stage, state: str) -> None:
    await stage.do(GIVEN[state], stage.world.ours)

    outcome = await stage.run(stage.world.ours.link, "open_share", {})

    closed = "link_not_valid" if REFUSED[state].get(LINK) == "link_not_valid" else None
    assert (outcome.problem.code if outcome.problem else None) == closed
