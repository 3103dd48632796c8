"""Which engine searches, by the settings."""

import sys

import pytest
from pydantic import SecretStr

from adapters.postgres.search_engine import PostgresEngine
from service.search import search_engine_of
from service.settings import Misconfigured, load_settings


def test_without_a_setting_postgresql_searches() -> None:
    assert isinstance(search_engine_of(load_settings()), PostgresEngine)


@pytest.mark.parametrize(
    "url", ["elastic", "http://", "tcp://host:9200", "http://host:port", "http://:9200", "//host:1"]
)
def test_what_is_no_url_is_told(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"^ACTIONBUS_SEARCH_URL .* write https://user:password@host:9200.$"):
        search_engine_of(load_settings(search_url=SecretStr(url)))


@pytest.mark.parametrize(
    "url", ["http://host", "https://user:secret@host", "https://host:9243/behind", "http://[::1]:9200"]
)
async def test_the_port_may_be_left_out(url: str) -> None:
    await search_engine_of(load_settings(search_url=SecretStr(url))).close()


def test_a_client_that_is_not_installed_is_told_by_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "elasticsearch", None)
    with pytest.raises(Misconfigured, match=r"pip install 'actionbus\[elasticsearch\]'"):
        search_engine_of(load_settings(search_url=SecretStr("http://host:9200")))
