"""Differences: which fields a change changed."""

from collections.abc import Mapping
from dataclasses import dataclass

FieldValue = str | int | float | bool | None
EntityFields = dict[str, FieldValue]
OF_EVERY_CHANGE = frozenset({"id", "version"})


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field, and its value before and after; null where there was none."""

    field: str
    before: FieldValue
    after: FieldValue


def differences(before: Mapping[str, FieldValue] | None, after: Mapping[str, FieldValue] | None) -> list[Difference]:
    """Return the fields that differ, in their order, but for the id and the version, which tell nothing.

    What was not there, or is gone, had or has no values.
    """
    was, now = before or {}, after or {}
    names = [name for name in {**was, **now} if name not in OF_EVERY_CHANGE]
    return [
        Difference(field=name, before=was.get(name), after=now.get(name))
        for name in names
        if was.get(name) != now.get(name)
    ]
