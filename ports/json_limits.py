"""How deep and how manifold the JSON of arguments may be."""

from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import from_json

from ports.problem import Invalid


class JsonTooDeep(Invalid):
    """The arguments are nested deeper than the service takes."""

    limit: int


class JsonTooManyValues(Invalid):
    """The arguments hold more values than the service takes.

    Send less at once.
    """

    limit: int


@dataclass(frozen=True, kw_only=True)
class JsonLimits:
    """How deep objects and lists may lie in each other, and how many values they may hold all together."""

    max_depth: int = 32
    max_values: int = 20_000

    def check(self, text: bytes) -> None:
        """Raise `JsonTooDeep` or `JsonTooManyValues`. What is no JSON is for others to refuse."""
        # No text has more values than commas and brackets, nor more levels than brackets: most need no second look.
        opened = text.count(b"{") + text.count(b"[")
        if opened <= self.max_depth and text.count(b",") + opened < self.max_values:
            return
        try:
            level, values, depth = [from_json(text)], 0, 0
        except ValueError as error:
            if "recursion limit" in str(error):
                raise JsonTooDeep(limit=self.max_depth) from None
            return
        while level:
            values += len(level)
            if values > self.max_values:
                raise JsonTooManyValues(limit=self.max_values)
            level = [inner for value in level for inner in _inside(value)]
            depth += bool(level)
            if depth > self.max_depth:
                raise JsonTooDeep(limit=self.max_depth)


def _inside(value: JsonValue) -> list[JsonValue]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return []
