"""What the OpenAPI document says of an action, and what of an answer is not as it says."""

from typing import Any

import httpx
from jsonschema import Draft202012Validator


def operation_of(document: dict[str, Any], action: str) -> tuple[str, dict[str, Any]]:
    """The one method that the document has for an action, and what it says of it."""
    ((method, operation),) = document["paths"][f"/actions/{action}"].items()
    return method, operation


def misfits(document: dict[str, Any], action: str, answer: httpx.Response) -> list[str]:
    """What of an answer is not as the document says."""
    response = _resolved(document, operation_of(document, action)[1]["responses"][str(answer.status_code)])
    ((media_type, content),) = response["content"].items()
    schema = content["schema"] | {"components": document["components"]}
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    wrong = [] if answer.headers["content-type"] == media_type else [answer.headers["content-type"]]
    return wrong + [error.message for error in validator.iter_errors(answer.json())]


def _resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The part of the document itself, where it is a reference to another."""
    found = document if "$ref" in part else part
    for name in part.get("$ref", "#").split("/")[1:]:
        found = found[name]
    return found
