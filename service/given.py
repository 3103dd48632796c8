"""What is given to the command of an action: arguments one by one, and all together as a JSON object."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic_core import from_json

from ports.argument import written


@dataclass(frozen=True, kw_only=True)
class Given:
    """The texts of options by their arguments' names, and JSON, if there is any."""

    texts: Mapping[str, tuple[str, ...]]
    json: bytes | None = None

    @cached_property
    def members(self) -> Mapping[str, object] | None:
        """The members of the JSON; None if it is no object, which is for the runner to refuse."""
        try:
            read = from_json(b"{}" if self.json is None else self.json)
        except ValueError:
            return None
        return read if isinstance(read, dict) else None

    def sent(self, values: Mapping[str, object]) -> bytes | Mapping[str, object]:
        """Return what to send: the JSON as it is written, and with it the values that the texts stand for."""
        if self.json is None:
            return values
        if not values or self.members is None:
            return self.json
        return self.json.rstrip()[:-1] + (b"," if self.members else b"") + written(values)[1:]
