"""How deep and how manifold the JSON of arguments may be."""

import re
from dataclasses import dataclass

from ports.problem import Invalid

STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # one without an end goes to the end, so that it is read once
OPENING = frozenset(b"[{")
BESIDE_BRACKETS = bytes({*range(256)} - {*b"[]{}"})


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
        """Raise `JsonTooDeep` or `JsonTooManyValues`; what is within the limits but no JSON is for others to refuse.

        It is not parsed for that, which would take fifty times its own memory, and takes a moment, however large it is.
        """
        # No text has more values than commas and brackets, nor more levels than brackets: most need no second look.
        opened = text.count(b"{") + text.count(b"[")
        if opened <= self.max_depth and text.count(b",") + opened < self.max_values:
            return
        most = 2 * self.max_values + 2  # strings, or brackets: each value may have a name, and a list has two brackets
        bare, strings = STRING.subn(b"0", text, count=most)
        self._check_depth(bare.translate(None, BESIDE_BRACKETS)[:most])
        dense = bare.translate(None, b" \t\r\n")
        filled = dense.count(b"{") + dense.count(b"[") - dense.count(b"{}") - dense.count(b"[]")
        if strings == most or dense.count(b",") + filled >= self.max_values:  # and the object of all of them
            raise JsonTooManyValues(limit=self.max_values)

    def _check_depth(self, brackets: bytes) -> None:
        depth = 0
        for bracket in brackets:
            depth += 1 if bracket in OPENING else -1
            if depth > self.max_depth:
                raise JsonTooDeep(limit=self.max_depth)
