"""Every kind of problem is explained at the address that its `type` names."""

from html import unescape
from html.parser import HTMLParser

import httpx
import pytest

from ports.library import KitNameTaken
from ports.problem import Problem
from service.http.limits import HeadersTooLarge
from service.http.problem_pages import PAGES, explanation_of
from service.registry import Registry
from tests.service.test_http import assert_problem

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EXPLAINED = {"type", "code", "status", "title", "detail", "retryable", "members", "actions"}


class Text(HTMLParser):
    """The text of a page, and the tags in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def anybody(client: httpx.AsyncClient) -> httpx.AsyncClient:
    del client.headers["authorization"]
    return client


async def test_every_kind_is_explained_to_anybody_as_json_and_as_a_page(anybody: httpx.AsyncClient) -> None:
    assert HeadersTooLarge.code in Problem.known, "what the server itself refuses is explained, too"
    for code, kind in Problem.known.items():
        told = await anybody.get(f"/problems/{code}")
        page = await anybody.get(f"/problems/{code}", headers=BROWSER)

        assert (told.status_code, told.headers["content-type"]) == (200, "application/json")
        explained = told.json()
        assert explained.keys() == EXPLAINED
        assert explained["title"]
        assert explained["members"].keys() == kind.members.keys()
        assert (explained["code"], explained["status"], explained["retryable"]) == (code, kind.status, kind.retryable)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        text = Text(page.text).text
        assert kind.title in text
        assert str(kind.status) in text
        assert all(name in text for name in kind.members)
        assert told.headers["vary"] == page.headers["vary"] == "Accept"


async def test_all_kinds_are_listed_and_linked(anybody: httpx.AsyncClient) -> None:
    told = (await anybody.get("/problems")).json()
    page = (await anybody.get("/problems", headers=BROWSER)).text

    assert [item["code"] for item in told["items"]] == sorted(Problem.known)
    assert told["next_cursor"] is None
    for item in told["items"]:
        assert f'href="{item["type"]}"' in page
        assert item["title"] in unescape(page)


async def test_a_kind_names_the_actions_that_may_answer_it(anybody: httpx.AsyncClient) -> None:
    told = (await anybody.get("/problems/kit_name_taken")).json()

    assert {"create_kit", "rename_kit"} <= {*told["actions"]}
    assert "create_space" not in told["actions"]
    assert told["members"]["name"]["type"] == "string"


@pytest.mark.parametrize("code", ["no_such", "<script>alert(1)</script>", "%3Cscript%3E", "%00", "KitNameTaken", "a/b"])
async def test_a_kind_that_is_not_known_is_a_problem_that_repeats_nothing(
    anybody: httpx.AsyncClient, code: str
) -> None:
    for headers in ({}, BROWSER):
        answer = await anybody.get(f"/problems/{code}", headers=headers)
        assert_problem(answer, 404, "path_not_found")
        assert "script" not in answer.text


def test_nothing_on_a_page_is_read_as_markup() -> None:
    told = explanation_of(KitNameTaken, Registry({}))
    evil = "<script>\"'&</script>"
    for template in ("problem.html", "problems.html"):
        plain = PAGES.get_template(template).render(told | {"items": [told]})
        spiked = told | dict.fromkeys(("type", "code", "title", "detail", "status"), evil)
        spiked |= {"members": {evil: {"description": evil}}, "actions": [evil]}
        page = PAGES.get_template(template).render(spiked | {"items": [spiked]})
        assert Text(page).tags <= Text(plain).tags | {"code", "td", "tr", "th"}
        assert evil in Text(page).text
        assert evil not in page
