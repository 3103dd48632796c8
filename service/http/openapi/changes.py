"""What changed between two documents, and which of it breaks callers that were made for the earlier one."""

from dataclasses import dataclass
from datetime import date

from service.http.openapi.difference import of_operation, of_problems
from service.http.openapi.narrowing import Schema

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of an operation or of a problem; one that breaks callers fails, unless it was announced."""

    of: str
    what: str
    breaks: bool
    announced: bool

    @property
    def fails(self) -> bool:
        """Whether it breaks callers who had no time to leave."""
        return self.breaks and not self.announced

    def __str__(self) -> str:
        weight = "BREAKS CALLERS" if self.fails else "breaks, announced" if self.breaks else "is safe"
        return f"{self.of}: {self.what} ({weight})"


def changes_between(earlier: Schema, present: Schema, *, on: date) -> list[Change]:
    """Return what has changed since the earlier document.

    A break is announced if its operation was deprecated there and its sunset has passed `on` that day, or if the
    version says so: a new major one, or a new minor one before 1.0.
    """
    released = _series(earlier) != _series(present)
    before, after = _operations(earlier), _operations(present)
    found: list[Change] = []
    for name in sorted({*before, *after}):
        of_one = of_operation(earlier, present, before.get(name), after.get(name))
        announced = released or _is_over(before.get(name, {}), on)
        found += [Change(of=name, what=what, breaks=breaks, announced=announced) for what, breaks in of_one]
    problems = of_problems(earlier, present)
    return found + [Change(of=of, what=what, breaks=breaks, announced=released) for of, what, breaks in problems]


def _operations(document: Schema) -> dict[str, Schema]:
    return {
        operation["operationId"]: {"security": document.get("security"), **operation, "at": f"{method.upper()} {path}"}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def _series(document: Schema) -> list[str]:
    major, minor = str(document["info"]["version"]).split(".")[:2]
    return [major, minor] if major == "0" else [major]


def _is_over(operation: Schema, on: date) -> bool:
    return bool(operation.get("deprecated")) and date.fromisoformat(operation.get("x-sunset", "9999-12-31")) <= on
