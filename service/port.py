"""How the composition root spells a port: a property that is made when it is first asked for."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class port(Generic[T]):  # noqa: N801 - read as the decorator that it is
    """A property made when first asked for: `functools.cached_property` without its lock, for one task alone."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self.make = make

    @overload
    def __get__(self, adapters: None, owner: type) -> Self: ...
    @overload
    def __get__(self, adapters: object, owner: type) -> T: ...
    def __get__(self, adapters: object | None, owner: type) -> Self | T:
        """Make it, and put it where the next look finds it without coming here."""
        if adapters is None:
            return self
        made = vars(adapters)[self.make.__name__] = self.make(adapters)
        return made
