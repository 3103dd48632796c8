"""The names that arguments had before, and what may be wrong with them."""

from collections.abc import Mapping

from ports.argument import Argument


def alias_mistake(arguments: Mapping[str, Argument]) -> str | None:
    """Return what is wrong with an alias and the mend, after the name of its argument; None if nothing is."""
    names = {*arguments}
    for name, argument in arguments.items():
        if isinstance(argument.aliases, str):
            return f'{name}: `aliases` are several; write `aliases=("{argument.aliases}",)`.'
        for alias in argument.aliases:
            if not isinstance(alias, str) or not alias.isidentifier():
                return f"{name}: the alias {alias!r} can have been no argument's name; leave it out."
            if alias in names:
                return f"{name}: the alias {alias!r} is another argument's name; leave it out."
            names.add(alias)
    return None
