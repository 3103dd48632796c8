"""What a service's answers mean: outputs, and problems as their own types."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from ports.gateway import TRANSIENT, Answer, UnexpectedAnswer
from ports.problem import Problem

MEDIA_TYPE = "application/problem+json"
MAX_PROBLEM_BYTES = 64 * 1024


class RemoteProblem(Problem):
    """Another service told of a problem that is not known here.

    `code` says which, and `members` are those of its document.
    """

    def __init__(self, code: str, members: Mapping[str, Any]) -> None:
        super().__init__()
        status, title = members.get("status"), members.get("title")
        vars(self).update(
            code=code,
            members=dict(members),
            status=status if isinstance(status, int) and 400 <= status <= 599 else 502,  # noqa: PLR2004 - RFC 9110
            title=title if isinstance(title, str) else RemoteProblem.title,
            retryable=members.get("retryable") is True,
        )
        self.args = (f"{code}: {self.title}",)

    def document(self, *, execution_id: UUID | None = None, trace_id: str = "") -> dict[str, Any]:
        """Return the document that came, with the standard members that it lacks."""
        standard = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "detail": self.title,
            "trace_id": trace_id,
        } | ({"instance": f"/executions/{execution_id}"} if execution_id else {})
        return {**standard, **self.members, "status": self.status, "code": self.code, "retryable": self.retryable}


def problem_of(answer: Answer) -> Problem:
    """Return the problem that an answer is: of its own type if that is known here, else a `RemoteProblem`.

    What is no problem document, such as a proxy's page, is an `UnexpectedAnswer`.
    """
    document = _document(answer)
    return UnexpectedAnswer(answered=answer.status) if document is None else problem_in(document, answer.status)


def problem_in(document: dict[str, Any], answered: int) -> Problem:
    """Return the problem of that document, which has a code."""
    try:
        return Problem.from_document(document)
    except (KeyError, TypeError, ValidationError):  # of a later version, or of another service altogether
        stated = {"status": answered, "retryable": document.get("retryable", answered in TRANSIENT)}
        return RemoteProblem(document["code"], document | stated)


def output_of(answer: Answer, name: str, returns: Any) -> Any:
    """Return the output that an answer is, as a `returns`; as plain JSON values if that is `object`.

    Raise `TypeError` if it is none, as the action runner does, and `UnexpectedAnswer` for what is no JSON.
    """
    try:
        return _adapter(returns).validate_json(answer.body) if returns is not object else from_json(answer.body)
    except ValidationError as error:
        if error.errors(include_input=False, include_url=False)[0]["type"] == "json_invalid":
            raise UnexpectedAnswer(answered=answer.status) from None
        raise TypeError(f"{name} returns what is no {getattr(returns, '__name__', returns)}.") from None
    except ValueError:
        raise UnexpectedAnswer(answered=answer.status) from None


def _document(answer: Answer) -> dict[str, Any] | None:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MEDIA_TYPE or len(answer.body) > MAX_PROBLEM_BYTES:
        return None
    try:
        document = from_json(answer.body)
    except ValueError:
        return None
    return document if isinstance(document, dict) and isinstance(document.get("code"), str) else None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
