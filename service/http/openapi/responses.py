"""The responses of problems, and the headers that go with them: components, each made once and referred to by name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from ports.problem import Problem, Unauthenticated
from service.http.openapi.answers import OF_ANY, is_kept
from service.http.openapi.links import referred
from service.http.openapi.schemas import OUT, Mode, Schema, reference
from service.http.problems import MEDIA_TYPE

HEADERS: Mapping[str, tuple[str, Schema]] = {
    "Retry-After": ("In how many seconds to try again.", {"type": "integer", "minimum": 0}),
    "WWW-Authenticate": ("How to say who you are (RFC 6750).", {"type": "string"}),
    "Idempotent-Replayed": ("`true`: this is the answer to an earlier request with the same key.", {"const": "true"}),
    "ETag": ("Changes with the content.", {"type": "string"}),
    "Location": ("`/executions/<id>`, where to see how far it has come.", {"type": "string"}),
    "Preference-Applied": ("What was done of what is preferred (RFC 7240).", {"type": "string"}),
    "Deprecation": ("Since when it is deprecated: `@` and seconds since 1970 (RFC 9745).", {"type": "string"}),
    "Sunset": ("From when on it may be gone (RFC 8594).", {"type": "string"}),
    "Link": ("What to use instead: `successor-version` (RFC 8288).", {"type": "string"}),
}
STANDARD: Mapping[str, Schema] = {
    "type": {"type": "string"},
    "title": {"type": "string"},
    "status": {"type": "integer"},
    "detail": {"type": "string"},
    "instance": {"type": "string"},
    "code": {"type": "string"},
    "retryable": {"type": "boolean"},
    "trace_id": {"type": "string"},
}
ABOUT: Mapping[str, str] = {
    "type": "What explains it, below this service's address.",
    "title": "What is so.",
    "status": "The status of the answer.",
    "detail": "What to do about it.",
    "instance": "The execution, `/executions/<id>`, where one is on record: `get_execution` reads it by that id.",
    "code": "Which problem it is.",
    "retryable": "Whether the same request may succeed later.",
    "trace_id": "By which the operators find what happened.",
}
ALWAYS = [name for name in STANDARD if name != "instance"]  # it names the execution, where one is on record


class Responses:
    """The responses that were asked for, the kinds of problems in them, and the headers that they have."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.kinds: dict[str, type[Problem]] = {}
        self.headers: set[str] = set()
        self._common: dict[tuple[type[Problem], ...], int] = {}

    def of(self, problems: Iterable[type[Problem]], *, replayable: bool = False) -> dict[str, Any]:
        """Return the responses of these problems by status, and of any other by default."""
        by_status: dict[int, dict[str, type[Problem]]] = {}
        for kind in sorted(problems, key=lambda kind: kind.code):
            by_status.setdefault(kind.status, {})[kind.__name__] = kind
        named = {str(s): self._response([*by_status[s].values()], replayable=replayable) for s in sorted(by_status)}
        return named | {"default": self._response([Problem], replayable=False)}

    def accepted(self, example: Any, links: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response of an action that was queued."""
        headers = ("Location", "Retry-After", "Preference-Applied", "Idempotent-Replayed")
        self.made["Accepted"] = {
            "description": "It waits for a worker.",
            "headers": {name: of for each in headers for name, of in self.header(each).items()},
            "content": {"application/json": {"schema": reference("Accepted"), "example": example}},
            **({"links": referred(links)} if links else {}),
        }
        return {"$ref": "#/components/responses/Accepted"}

    def header(self, name: str) -> dict[str, Any]:
        """Return the reference to a header, which is then a component."""
        self.headers.add(name)
        return {name: {"$ref": f"#/components/headers/{name}"}}

    def _response(self, kinds: Sequence[type[Problem]], *, replayable: bool) -> dict[str, Any]:
        replayed = replayable and any(is_kept(kind) for kind in kinds)
        name = self._name(kinds) + ("Kept" if replayed else "")
        if name not in self.made:
            self.kinds |= {kind.__name__: kind for kind in kinds}
            headers = [header for kind in kinds for header in _headers_of(kind)] + ["Idempotent-Replayed"] * replayed
            self.made[name] = {
                "description": " ".join(kind.title if kind is not Problem else "Any other problem." for kind in kinds),
                **({"headers": {k: v for each in headers for k, v in self.header(each).items()}} if headers else {}),
                "content": {MEDIA_TYPE: {"schema": _either(kinds)}},
            }
        return {"$ref": f"#/components/responses/{name}"}

    def _name(self, kinds: Sequence[type[Problem]]) -> str:
        """Return a name that is short, since every operation repeats it: what any action may answer has a number."""
        common = tuple(kind for kind in kinds if kind in OF_ANY)
        own = "Or".join(kind.__name__ for kind in kinds if kind not in OF_ANY)
        if not common:
            return own
        number = self._common.setdefault(common, len(self._common) + 1)
        return f"{kinds[0].status}.{number}" + (f".{own}" if own else "")

    def members(self) -> Iterable[tuple[Any, Mode, TypeAdapter[Any]]]:
        """Yield the extension members of the problems that are answered, as kinds to make schemas of."""
        for kind in self.kinds.values():
            for name, hint in kind.members.items():
                yield (kind, name), OUT, TypeAdapter(hint)

    def models(self, schemas: Mapping[Any, Schema]) -> dict[str, Schema]:
        """Return the models of the problems that are answered, with the schemas of their members."""
        return {name: _model_of(kind, schemas) for name, kind in self.kinds.items()}


def _headers_of(kind: type[Problem]) -> list[str]:
    if issubclass(kind, Unauthenticated):
        return ["WWW-Authenticate"]
    return ["Retry-After"] if kind.retryable else []


def _either(kinds: Sequence[type[Problem]]) -> Schema:
    if len(kinds) == 1:
        return reference(kinds[0].__name__)
    mapping = {kind.code: reference(kind.__name__)["$ref"] for kind in kinds}
    return {
        "oneOf": [reference(kind.__name__) for kind in kinds],
        "discriminator": {"propertyName": "code", "mapping": mapping},
    }


def _model_of(kind: type[Problem], schemas: Mapping[Any, Schema]) -> Schema:
    own = {name: schemas[(kind, name), OUT] for name in kind.members}
    if kind is Problem:
        return {
            "type": "object",
            "description": "A problem (RFC 9457). `code` says which; some have members of their own.",
            "properties": {name: {**schema, "description": ABOUT[name]} for name, schema in STANDARD.items()},
            "required": ALWAYS,
        }
    return {
        "type": "object",
        "description": " ".join(filter(None, (kind.title, kind.detail))),
        "properties": {**STANDARD, "code": {"type": "string", "const": kind.code}, **own},
        "required": [*ALWAYS, *own],
        "additionalProperties": False,
    }
