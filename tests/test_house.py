"""The house around the code: documents that say what is so, and the shape that files keep."""

import re
from pathlib import Path

from pydantic_core import PydanticUndefined
from sqlalchemy import make_url

from service.database import Database, check_database, engine_of, migrate
from service.settings import Settings
from tests.conftest import POSTGRES, Cluster

CHECKOUT = Path(__file__).parents[1]
CODE = ("adapters", "alembic", "handlers", "ports", "service")
READ_FIRST = ("README.md", "ports/action.py", "handlers/create_kit.py", "service/runner.py")
LONG_FOR_A_REASON = {
    "adapters/postgres/tables.py",  # one declaration
    "alembic/versions/0001_the_first_tables.py",  # one declaration, up and down
    "service/composition.py",  # every port there is, with its adapter
}


def lines(path: str) -> list[str]:
    return (CHECKOUT / path).read_text().splitlines()


def blocks(path: str, language: str) -> list[str]:
    text = (CHECKOUT / path).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def test_the_way_in_is_short() -> None:
    assert len(lines("README.md")) <= 75
    assert sum(len(lines(path)) for path in READ_FIRST) <= 400


def test_no_file_is_long_without_a_reason() -> None:
    files = [str(file.relative_to(CHECKOUT)) for folder in CODE for file in (CHECKOUT / folder).rglob("*.py")]
    assert {file for file in files if len(lines(file)) > 200} <= LONG_FOR_A_REASON


def test_a_use_case_fits_on_a_screen() -> None:
    files = [str(file.relative_to(CHECKOUT)) for file in (CHECKOUT / "handlers").glob("*.py")]
    assert {file for file in files if len(lines(file)) > 80} == set()


def test_a_decision_fits_on_a_page_and_weighs_alternatives() -> None:
    decisions = [f"docs/decisions/{file.name}" for file in sorted((CHECKOUT / "docs" / "decisions").iterdir())]
    for number, decision in enumerate(decisions, start=1):
        headings = [line for line in lines(decision) if line.startswith("#")]
        assert headings[0].startswith(f"# {number}. ")
        assert headings[1:] == ["## Context", "## Decision", "## Consequences", "## Alternatives"]
        assert len(lines(decision)) <= 40


def test_every_link_in_a_document_leads_somewhere() -> None:
    for document in (*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")):
        links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
        assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_setting_is_documented_with_its_default() -> None:
    documented = [line for line in lines("docs/deployment.md") if line.startswith(("| `ACTIONBUS_", "| `DATABASE_"))]
    assert len(documented) == len(Settings.model_fields)
    for line, (name, field) in zip(documented, Settings.model_fields.items(), strict=True):
        variable = field.validation_alias or f"ACTIONBUS_{name.upper()}"
        assert line.startswith(f"| `{variable}` |")
        assert line.endswith(f"| {field.description} |")
        if field.default is not PydanticUndefined:
            assert line.split("|")[2].strip() == ("" if field.default is None else str(field.default))


def test_the_image_is_made_of_what_is_there_and_needs() -> None:
    kept = {line[1:] for line in lines(".dockerignore") if line.startswith("!")}
    assert {path for path in kept if not (CHECKOUT / path).exists()} == set()
    assert kept == {"LICENSE", "README.md", "pyproject.toml", "uv.lock"} | set(CODE)


@POSTGRES
async def test_the_documented_roles_are_right_for_migrations_and_service(cluster: Cluster) -> None:
    in_any, in_the_new, drop = (
        re.findall(r"[^;]+;", text.replace("actionbus", "deployed"))
        for text in (*blocks("docs/deployment.md", "sql"), "drop role actionbus_owner; drop role actionbus_service;")
    )
    await cluster.run(*in_any)
    try:
        await cluster.run(*in_the_new, database="deployed")
        service, owner = (
            make_url(cluster.postgres.url(f"deployed_{role}", "deployed")) for role in ("service", "owner")
        )
        await migrate(Database(service, owner))
        engine = engine_of(service, pool=1)
        await check_database(engine)
        await engine.dispose()
    finally:
        await cluster.run("drop database deployed with (force)", *drop)
