"""What of a change breaks callers, and what is said of it."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from service.document import present_document
from service.http.openapi.changes import changes_between

PRESENT = present_document()
TODAY = date(2027, 6, 1)


def at(document: Any, *path: str) -> Any:
    for step in path:
        document = document[step]
    return document


def changed(change: Callable[[Any], object]) -> Any:
    document = deepcopy(PRESENT)
    change(document)
    return document


def told(earlier: Any, present: Any) -> list[str]:
    return [str(change) for change in changes_between(earlier, present, on=TODAY)]


def create_kit(document: Any) -> Any:
    return document["paths"]["/actions/create_kit"]["post"]


def list_kits(document: Any, argument: str) -> Any:
    parameters = document["paths"]["/actions/list_kits"]["get"]["parameters"]
    return next(parameter for parameter in parameters if parameter["name"] == argument)


def model(document: Any, name: str) -> Any:
    return document["components"]["schemas"][name]


def drop(container: Any, key: Any) -> object:
    return container.pop(container.index(key) if isinstance(container, list) else key)


def move(document: Any) -> None:
    path = document["paths"]["/actions/create_kit"]
    path["put"] = path.pop("post")


def without_field(document: Any) -> object:
    return [drop(model(document, "Kit")[part], "archived_at") for part in ("properties", "required")]


BREAKS: dict[str, tuple[Callable[[Any], object], str]] = {
    "an operation is gone": (lambda d: drop(d["paths"], "/actions/create_kit"), "create_kit: it is gone"),
    "another method": (move, "create_kit: POST /actions/create_kit became PUT /actions/create_kit"),
    "another permission": (
        lambda d: create_kit(d).update({"x-permission": "kit.make"}),
        "create_kit: its permission kit.create became kit.make",
    ),
    "credentials are asked for": (
        lambda d: drop(at(d, "paths", "/health/live", "get"), "security"),
        "is_live: it asks for other credentials",
    ),
    "an argument is required now": (
        lambda d: model(d, "CreateKitInput")["required"].append("visibility"),
        "create_kit: `visibility` is required",
    ),
    "an argument is gone": (
        lambda d: drop(model(d, "CreateKitInput")["properties"], "visibility"),
        "create_kit: `visibility` is no longer taken",
    ),
    "an option of an argument is gone": (
        lambda d: drop(model(d, "CreateKitInput")["properties"]["visibility"]["enum"], "public"),
        "create_kit: `visibility` no longer takes 'public'",
    ),
    "an argument is of another type": (
        lambda d: model(d, "CreateKitInput")["properties"]["name"].update(type="integer"),
        "create_kit: `name` no longer takes string",
    ),
    "an argument is bounded more tightly": (
        lambda d: list_kits(d, "limit")["schema"].update(maximum=10),
        "list_kits: `limit` no longer takes values beyond maximum 10",
    ),
    "an argument has a pattern": (
        lambda d: model(d, "CreateKitInput")["properties"]["name"].update(pattern="^x"),
        "create_kit: `name` no longer takes values beyond pattern ^x",
    ),
    "a query's argument is required now": (
        lambda d: list_kits(d, "archived").update(required=True),
        "list_kits: `archived` is required",
    ),
    "an item of an argument is of another type": (
        lambda d: model(d, "UpdateAssetsInput")["properties"]["asset_ids"].update(items={"type": "integer"}),
        "update_assets: `asset_ids[]` no longer takes string",
    ),
    "a field of an output is gone": (without_field, "get_kit: `kit.archived_at` is no longer given"),
    "a field of an output may be left out": (
        lambda d: drop(model(d, "Kit")["required"], "name"),
        "list_kits: `items[].name` is no longer always given",
    ),
    "a field of an output may be null": (
        lambda d: model(d, "Kit")["properties"].update(name={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "create_kit: `name` may be null, too",
    ),
    "an output has a new option": (
        lambda d: model(d, "Kit")["properties"]["visibility"]["enum"].append("secret"),
        "create_kit: `visibility` may be 'secret', too",
    ),
    "an output is of another type": (
        lambda d: model(d, "Kit")["properties"]["version"].update(type="number"),
        "create_kit: `version` may be number, too",
    ),
    "a header is gone": (
        lambda d: drop(create_kit(d)["responses"]["200"], "headers"),
        "create_kit: the header Idempotent-Replayed is no longer sent",
    ),
    "a success is gone": (
        lambda d: drop(create_kit(d)["responses"], "200"),
        "create_kit: 200 is no longer answered",
    ),
    "a body is of another kind": (
        lambda d: create_kit(d)["requestBody"].update(content={"text/csv": {"schema": {}}}),
        "create_kit: the body is no longer application/json",
    ),
    "a problem's member is gone": (
        lambda d: (
            drop(model(d, "KitNameTaken")["properties"], "name"),
            drop(model(d, "KitNameTaken")["required"], "name"),
        ),
        "KitNameTaken: `name` is no longer given",
    ),
    "a problem has another code": (
        lambda d: model(d, "KitNameTaken")["properties"]["code"].update(const="taken"),
        "KitNameTaken: `code` may be 'taken', too",
    ),
}

SAFE: dict[str, tuple[Callable[[Any], object], str]] = {
    "an operation is new": (
        lambda d: d["paths"].update({"/x": {"post": {**create_kit(d), "operationId": "make_kit"}}}),
        "make_kit: it is new",
    ),
    "an argument is new": (
        lambda d: model(d, "CreateKitInput")["properties"].update(colour={"type": "string"}),
        "create_kit: `colour` is taken, too",
    ),
    "an argument may be left out": (
        lambda d: drop(model(d, "CreateKitInput")["required"], "name"),
        "create_kit: `name` is no longer required",
    ),
    "an argument has a new option": (
        lambda d: model(d, "CreateKitInput")["properties"]["visibility"]["enum"].append("secret"),
        "create_kit: `visibility` takes 'secret', too",
    ),
    "a field of an output is new": (
        lambda d: (
            model(d, "Kit")["properties"].update(colour={"type": "string"}),
            model(d, "Kit")["required"].append("colour"),
        ),
        "create_kit: `colour` is given, too",
    ),
    "an output has an option less": (
        lambda d: drop(model(d, "Kit")["properties"]["visibility"]["enum"], "public"),
        "create_kit: `visibility` is no longer 'public'",
    ),
    "a problem has a new status": (
        lambda d: create_kit(d)["responses"].update({"429": create_kit(d)["responses"]["503"]}),
        "create_kit: 429 is also answered",
    ),
    "a problem has no longer a status": (
        lambda d: drop(create_kit(d)["responses"], "409"),
        "create_kit: 409 is no longer answered",
    ),
    "it is deprecated": (
        lambda d: create_kit(d).update({"deprecated": True, "x-sunset": "2027-12-01"}),
        "create_kit: it is deprecated, and may be gone from 2027-12-01 on",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), BREAKS.values(), ids=BREAKS)
def test_what_takes_something_from_callers_breaks_them(change: Callable[[Any], object], sentence: str) -> None:
    assert f"{sentence} (BREAKS CALLERS)" in told(PRESENT, changed(change))


@pytest.mark.parametrize(("change", "sentence"), SAFE.values(), ids=SAFE)
def test_what_gives_callers_more_is_safe(change: Callable[[Any], object], sentence: str) -> None:
    said = told(PRESENT, changed(change))

    assert f"{sentence} (is safe)" in said
    assert [line for line in said if "BREAKS" in line] == []


def test_nothing_has_changed_since_the_present() -> None:
    assert told(PRESENT, deepcopy(PRESENT)) == []


@pytest.mark.parametrize(("sunset", "fails"), [("2027-06-01", False), ("2027-06-02", True)])
def test_a_break_is_announced_by_a_deprecation_whose_sunset_has_passed(*, sunset: str, fails: bool) -> None:
    earlier = changed(lambda d: create_kit(d).update({"deprecated": True, "x-sunset": sunset}))
    present = changed(BREAKS["an operation is gone"][0])

    [change] = changes_between(earlier, present, on=TODAY)

    assert (change.breaks, change.fails) == (True, fails)


@pytest.mark.parametrize(
    ("before", "after", "fails"),
    [("1.4.0", "2.0.0", False), ("1.4.0", "1.5.0", True), ("0.1.0", "0.2.0", False), ("0.1.0", "0.1.1", True)],
)
def test_a_break_is_announced_by_a_new_major_version_and_before_the_first_by_a_minor_one(
    *, before: str, after: str, fails: bool
) -> None:
    earlier = changed(lambda d: d["info"].update(version=before))
    present = changed(lambda d: (without_field(d), d["info"].update(version=after)))

    assert {change.fails for change in changes_between(earlier, present, on=TODAY) if change.breaks} == {fails}
