"""The deployment in `compose.yaml`: it is set up as the service wants it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.background.broker import broker_of
from service.database import url_of
from service.search import search_engine_of
from service.settings import Settings, load_settings

CHECKOUT = Path(__file__).parents[1]
VALUES = {"POSTGRES_PASSWORD": "p4ssword", "RABBITMQ_PASSWORD": "w0rd", "ACTIONBUS_SIGNING_KEY": "k" * 32}


def interpolated() -> str:
    """The file with its variables filled in, as Compose does; one that has no value here is an error."""
    lines = (CHECKOUT / "compose.yaml").read_text().splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith("#"))
    optional = re.sub(r"\$\{(\w+)-\}", lambda found: VALUES.get(found[1], ""), text)
    return re.sub(r"\$\{(\w+)(?::\?[^}]*)?\}", lambda found: VALUES[found[1]], optional)


@pytest.fixture
def compose() -> Any:
    return yaml.safe_load(interpolated())


def test_it_has_two_services_and_three_workers_after_one_migration(compose: Any) -> None:
    services = compose["services"]
    assert services["service"]["deploy"]["replicas"] == 2
    assert services["worker"]["deploy"]["replicas"] == 3
    for name in ("service", "worker"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["command"] == ["migrate"]


def test_what_it_names_is_there(compose: Any) -> None:
    for service in compose["services"].values():
        assert {volume.partition(":")[0] for volume in service.get("volumes", ())} <= {*compose["volumes"]}
        assert {config["source"] for config in service.get("configs", ())} <= {*compose["configs"]}
        assert {*service.get("depends_on", {})} <= {*compose["services"]}
        for argument in service.get("build", {}).get("args", {}):
            assert f"ARG {argument}\n" in (CHECKOUT / "Dockerfile").read_text()


def test_its_settings_are_settings(compose: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {field.validation_alias or f"ACTIONBUS_{name.upper()}" for name, field in Settings.model_fields.items()}
    for name in ("service", "worker", "migrate"):
        said = compose["services"][name]["environment"]
        assert {*said} <= fields
        with monkeypatch.context() as environment:
            for variable, value in said.items():
                environment.setenv(variable, value)
            settings = load_settings()
        assert broker_of(settings) == "amqp://actionbus:w0rd@rabbitmq:5672//"
        assert settings.database_url is not None
        assert url_of(settings.database_url.get_secret_value()).username == "actionbus_service"


def test_its_roles_are_those_that_the_settings_name(compose: Any) -> None:
    sql = compose["configs"]["roles"]["content"]
    assert re.findall(r"create role (\w+) login password 'p4ssword';", sql) == ["actionbus_owner", "actionbus_service"]


def test_its_search_engine_is_there_if_wanted_and_for_the_services_alone(
    compose: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, said = compose["services"]["elasticsearch"], compose["services"]["service"]["environment"]
    assert (engine["profiles"], engine.get("ports"), said["ACTIONBUS_SEARCH_URL"]) == (["search"], None, "")
    monkeypatch.setitem(VALUES, "ACTIONBUS_SEARCH_URL", "http://elasticsearch:9200")
    url = yaml.safe_load(interpolated())["services"]["service"]["environment"]["ACTIONBUS_SEARCH_URL"]
    search_engine_of(load_settings(search_url=url))
