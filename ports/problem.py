"""Problems: the failures that a caller can be told about, as RFC 9457 problem details."""

import re
from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, ClassVar, Self, dataclass_transform, get_origin, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter, ValidationError


@dataclass_transform(kw_only_default=True)
class Problem(Exception):
    """An anticipated failure.

    The first paragraph of a subclass's docstring is its title, the rest its detail: what to do about it. Its
    annotations are its extension members. What is not a `Problem` is a bug.
    """

    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    code: ClassVar[str] = "problem"
    title: ClassVar[str] = ""
    detail: ClassVar[str] = ""
    members: ClassVar[Mapping[str, Any]] = {}
    known: ClassVar[dict[str, type["Problem"]]] = {}

    def __init_subclass__(cls) -> None:
        title, _, detail = cleandoc(cls.__doc__ or "").partition("\n\n")
        cls.title, cls.detail = " ".join(title.split()), " ".join(detail.split())
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        cls.members = {name: hint for name, hint in get_type_hints(cls).items() if get_origin(hint) is not ClassVar}
        cls.known[cls.code] = cls

    def __init__(self, **members: Any) -> None:
        if members.keys() != self.members.keys():
            raise TypeError(f"{type(self).__name__} takes {sorted(self.members)}, not {sorted(members)}.")
        super().__init__(self.title)
        vars(self).update(members)

    def document(self, *, execution_id: UUID | None = None, trace_id: str = "") -> dict[str, Any]:
        """Return the problem details object: its standard members, then the typed ones. Nothing of the input."""
        instance = {"instance": f"/executions/{execution_id}"} if execution_id else {}
        standard = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail or self.title,
            **instance,
            "code": self.code,
            "retryable": self.retryable,
            "trace_id": trace_id,
        }
        return standard | {name: getattr(self, name) for name in self.members}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self | "Problem":
        """Return the problem that `document` describes, as its own type; one unknown by now as a plain `Problem`."""
        try:
            kind = cls.known[document["code"]]
            return kind(**{n: TypeAdapter(hint).validate_python(document[n]) for n, hint in kind.members.items()})
        except (KeyError, ValidationError):
            problem = Problem()
            vars(problem).update({name: document[name] for name in ("status", "retryable", "code", "title", "detail")})
            return problem


class Invalid(Problem):
    """The request cannot be understood as it is."""

    status = 422


class Unauthenticated(Problem):
    """Nobody is known by these credentials.

    Send a valid token: `Authorization: Bearer <token>`.
    """

    status = 401


class Forbidden(Problem):
    """You may not do this."""

    status = 403


class NotFound(Problem):
    """There is no such thing, or you may not see it."""

    status = 404


class Conflict(Problem):
    """The present state of things does not allow this."""

    status = 409


class Unavailable(Problem):
    """The service cannot do this at the moment.

    Try again in a while.
    """

    status = 503
    retryable = True
