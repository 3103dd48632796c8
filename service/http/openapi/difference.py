"""How one operation differs from what it was, and which of that breaks callers: (what changed, whether it breaks)."""

from collections.abc import Iterator, Mapping
from typing import Any

from service.http.openapi.narrowing import Lost, Narrowing, Schema, resolved

LESS_TAKEN = {"member": "{} is no longer taken", "required": "{} is required", "value": "{} no longer takes {}"}
MORE_TAKEN = {"member": "{} is taken, too", "required": "{} is no longer required", "value": "{} takes {}, too"}
MORE_GIVEN = {"required": "{} is no longer always given", "value": "{} may be {}, too"}
LESS_GIVEN = {"required": "{} is always given", "value": "{} is no longer {}"}
GONE, ADDED = {"member": "{} is no longer given"}, {"member": "{} is given, too"}


def of_operation(
    earlier: Schema, present: Schema, before: Schema | None, after: Schema | None
) -> Iterator[tuple[str, bool]]:
    """Yield what changed of an operation of two documents; None is one that is not in it."""
    if after is None:
        yield "it is gone", True
    elif before is None:
        yield "it is new", False
    else:
        yield from _of_policy(before, after)
        yield from _of_parameters(earlier, present, before, after)
        yield from _of_body(earlier, present, before, after)
        yield from _of_answers(earlier, present, before, after)


def _of_policy(before: Schema, after: Schema) -> Iterator[tuple[str, bool]]:
    if before["at"] != after["at"]:
        yield f"{before['at']} became {after['at']}", True
    if before["security"] != after["security"]:
        yield "it asks for other credentials", bool(after["security"])
    if before.get("x-permission") != after.get("x-permission"):
        yield f"its permission {before.get('x-permission')} became {after.get('x-permission')}", True
    if not before.get("deprecated") and after.get("deprecated"):
        yield f"it is deprecated, and may be gone from {after.get('x-sunset')} on", False


def _of_parameters(earlier: Schema, present: Schema, before: Schema, after: Schema) -> Iterator[tuple[str, bool]]:
    was, now = _parameters(earlier, before), _parameters(present, after)
    yield from _taken(earlier, present, _as_object(was), _as_object(now))


def _parameters(document: Schema, operation: Schema) -> list[Schema]:
    return [resolved(document, parameter) for parameter in operation.get("parameters", ())]


def _as_object(parameters: list[Schema]) -> Schema:
    return {
        "type": "object",
        "properties": {parameter["name"]: parameter["schema"] for parameter in parameters},
        "required": [parameter["name"] for parameter in parameters if parameter.get("required")],
    }


def _of_body(earlier: Schema, present: Schema, before: Schema, after: Schema) -> Iterator[tuple[str, bool]]:
    was, now = (each.get("requestBody", {}).get("content", {}) for each in (before, after))
    yield from _of_kinds("the body", was, now)
    for kind in was.keys() & now.keys():
        yield from _taken(earlier, present, was[kind]["schema"], now[kind]["schema"])


def _of_answers(earlier: Schema, present: Schema, before: Schema, after: Schema) -> Iterator[tuple[str, bool]]:
    was, now = (
        {status: resolved(document, answer) for status, answer in operation["responses"].items()}
        for document, operation in ((earlier, before), (present, after))
    )
    for status in sorted(was.keys() ^ now.keys()):
        gone = status in was
        yield f"{status} is {'no longer' if gone else 'also'} answered", gone and status.startswith("2")
    for status in sorted(was.keys() & now.keys()):
        if status.startswith("2"):
            yield from _of_success(earlier, present, was[status], now[status])


def _of_success(earlier: Schema, present: Schema, was: Schema, now: Schema) -> Iterator[tuple[str, bool]]:
    for name in sorted(was.get("headers", {}).keys() - now.get("headers", {}).keys()):
        yield f"the header {name} is no longer sent", True
    old, new = was.get("content", {}), now.get("content", {})
    yield from _of_kinds("the answer", old, new)
    for kind in old.keys() & new.keys():
        yield from _given(earlier, present, old[kind]["schema"], new[kind]["schema"])


def _of_kinds(of: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for kind in sorted(was.keys() - now.keys()):
        yield f"{of} is no longer {kind}", True
    for kind in sorted(now.keys() - was.keys()):
        yield f"{of} is {kind}, too", False


def of_problems(earlier: Schema, present: Schema) -> Iterator[tuple[str, str, bool]]:
    """Yield what changed of the problems that both documents know, each with its name."""
    was, now = (_problems(document) for document in (earlier, present))
    for name in sorted(was.keys() & now.keys()):
        for what, breaks in _given(earlier, present, was[name], now[name]):
            yield name, what, breaks


def _problems(document: Schema) -> dict[str, Schema]:
    models = document["components"]["schemas"]
    return {name: model for name, model in models.items() if "retryable" in model.get("properties", {})}


def _taken(earlier: Schema, present: Schema, was: Schema, now: Schema) -> Iterator[tuple[str, bool]]:
    yield from _told(Narrowing(wide=earlier, narrow=present).lost(was, now), LESS_TAKEN, breaks=True)
    yield from _told(Narrowing(wide=present, narrow=earlier).lost(now, was), MORE_TAKEN, breaks=False)


def _given(earlier: Schema, present: Schema, was: Schema, now: Schema) -> Iterator[tuple[str, bool]]:
    fewer = [*Narrowing(wide=earlier, narrow=present).lost(was, now)]
    more = [*Narrowing(wide=present, narrow=earlier).lost(now, was)]
    gone = {lost.where for lost in fewer if lost.kind == "member"}
    added = {lost.where for lost in more if lost.kind == "member"}
    yield from _told(fewer, GONE, breaks=True)
    yield from _told((lost for lost in more if lost.where not in gone), MORE_GIVEN, breaks=True)
    yield from _told(more, ADDED, breaks=False)
    yield from _told((lost for lost in fewer if lost.where not in added), LESS_GIVEN, breaks=False)


def _told(found: Any, words: Mapping[str, str], *, breaks: bool) -> Iterator[tuple[str, bool]]:
    for lost in found:
        if lost.kind in words:
            yield words[lost.kind].format(_place(lost), lost.values), breaks


def _place(lost: Lost) -> str:
    return f"`{lost.where}`" if lost.where else "it"
