"""Where in a JSON value something is: JSON Pointers (RFC 6901)."""

from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue

_MAX_STEP = 200


def pointer_of(path: Iterable[object]) -> str:
    """Return the pointer of these steps, each cut to a length that can be shown."""
    return "".join("/" + str(step)[:_MAX_STEP].replace("~", "~0").replace("/", "~1") for step in path)


def pointer_into(value: JsonValue, path: Sequence[int | str], *, missing: bool) -> str:
    """Return the pointer to `path`, whose last step may be to what is `missing`.

    Steps that are not in `value` are left out: pydantic also names the members of a union on its way.
    """
    steps: list[int | str] = []
    for step in path:
        match value:
            case dict() if isinstance(step, str) and step in value:
                value = value[step]
            case list() if isinstance(step, int) and step < len(value):
                value = value[step]
            case _:
                continue
        steps.append(step)
    return pointer_of([*steps, path[-1]] if missing else steps)


def with_null(value: JsonValue, pointer: str = "") -> Iterator[str]:
    """Yield the pointers to the texts that hold U+0000, which PostgreSQL cannot store; for a name, to its object."""
    match value:
        case str() if "\0" in value:
            yield pointer
        case dict():
            if any("\0" in name for name in value):
                yield pointer
            for name, inner in value.items():
                yield from with_null(inner, pointer + pointer_of([name]))
        case list():
            for index, inner in enumerate(value):
                yield from with_null(inner, f"{pointer}/{index}")
        case _:
            pass
