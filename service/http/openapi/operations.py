"""An action as an operation."""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any

from ports.action import ActionHandler
from ports.ledger import takes_key
from service.http.methods import method_of, summary_of
from service.http.openapi.answers import can_wait, problems_of
from service.http.openapi.examples import Examples
from service.http.openapi.links import links_of, links_to, referred
from service.http.openapi.responses import Responses
from service.http.openapi.schemas import IN, OUT, Schema, reference

PARAMETERS: Mapping[str, Any] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Sending the same again with the same key returns the same answer and does nothing twice. It is "
        "kept for 24 hours, if the operators have set nothing else.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]([ -~]*[!-~])?$"},
    },
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "description": "`respond-async` has it done in the background; with `, wait=10`, the answer waits so many "
        "seconds for the end (RFC 7240).",
        "schema": {"type": "string"},
    },
}


class Operations:
    """Makes operations of actions by the schemas of their inputs and outputs; each answers what `responses` makes."""

    def __init__(self, schemas: Mapping[Any, Schema], examples: Examples, responses: Responses) -> None:
        self._schemas, self._examples, self._responses = schemas, examples, responses
        self.links: dict[str, Any] = {}

    def of(self, name: str, handler: type[ActionHandler], readers: Mapping[str, str]) -> dict[str, Any]:
        """Return the operation of an action; `readers` are the actions that read a thing, by what it is."""
        taken = self._input(handler)
        given = self._examples.arguments(taken)
        method = method_of(handler)
        replayable = {"replayable": True} if takes_key(handler) else {}
        success = {"200": self._success(handler, given, readers)}
        if can_wait(handler):
            success["202"] = self._accepted(readers)
        operation: dict[str, Any] = {
            "operationId": name,
            "tags": [handler.permission.partition(".")[0]],
            "summary": summary_of(handler),
            "description": cleandoc(handler.__doc__ or ""),
            "x-permission": handler.permission,
            "x-idempotent": handler.readonly or handler.idempotent,
            **_deprecation(handler),
            **({"parameters": _query(taken, given)} if method == "GET" else self._body(handler, given)),
            "responses": {**success, **self._responses.of(problems_of(handler, method), **replayable)},
        }
        if takes_key(handler):
            shared = {"$ref": "#/components/parameters/Idempotency-Key"}
            demanded = PARAMETERS["Idempotency-Key"] | {"required": True}
            operation["parameters"] = [demanded if handler.key_required else shared]
        if can_wait(handler):
            operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/Prefer"})
        return operation

    def _accepted(self, readers: Mapping[str, str]) -> dict[str, Any]:
        links = links_to("execution", readers)
        self.links |= links
        return self._responses.accepted(self._examples.value(reference("Accepted"), ""), links)

    def _input(self, handler: type[ActionHandler]) -> Schema:
        schema = self._schemas.get((handler, IN), {})  # a query that takes nothing has none
        return self._examples.models[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def _body(self, handler: type[ActionHandler], given: Mapping[str, Any]) -> dict[str, Any]:
        content = {"schema": self._schemas[handler, IN], "example": given}
        return {"requestBody": {"required": True, "content": {"application/json": content}}}

    def _success(
        self, handler: type[ActionHandler], given: Mapping[str, Any], readers: Mapping[str, str]
    ) -> dict[str, Any]:
        schema = self._schemas[handler, OUT]
        headers = ["Idempotent-Replayed"] * takes_key(handler) + ["ETag"] * (method_of(handler) == "GET")
        headers += ["Deprecation", "Sunset", "Link"] if handler.deprecated else []
        response: dict[str, Any] = {"description": "What the action returns."}
        if headers:
            response["headers"] = {k: v for name in headers for k, v in self._responses.header(name).items()}
        content = {"schema": schema, "example": self._examples.output(schema, given)}
        response["content"] = {"application/json": content}
        if links := links_of(schema, self._examples.models, readers):
            self.links |= links
            response["links"] = referred(links)
        return response


def _query(taken: Schema, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of a query, where null cannot be said: an argument that may be null is left out."""
    required = taken.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            **({"required": True} if name in required else {}),
            **({"description": of["description"]} if "description" in of else {}),
            "schema": _said(of),
            **({"example": given[name]} if name in given else {}),
        }
        for name, of in taken.get("properties", {}).items()
    ]


def _said(schema: Schema) -> Schema:
    kept = {name: value for name, value in schema.items() if name not in ("description", "examples")}
    kinds = [kind for kind in kept.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        kept = {name: value for name, value in kept.items() if name not in ("anyOf", "default")} | kinds[0]
    return {name: value for name, value in kept.items() if not (name == "default" and value is None)}


def _deprecation(handler: type[ActionHandler]) -> dict[str, Any]:
    if handler.deprecated is None:
        return {}
    since, sunset = handler.deprecated.since.isoformat(), handler.deprecated.sunset.isoformat()
    return {"deprecated": True, "x-deprecated-since": since, "x-sunset": sunset}
