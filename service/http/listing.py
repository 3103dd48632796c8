"""The list of actions over HTTP."""

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from ports.action import ActionHandler
from ports.ledger import takes_key
from ports.problem import Unauthenticated
from service.http.answers import fresh
from service.http.methods import method_of, summary_of
from service.http.openapi.answers import answering
from service.http.providers import RunnerOf

router = APIRouter()
KeyPolicy = Literal["refused", "optional", "required"]


@dataclass(frozen=True, kw_only=True)
class ActionSummary:
    """An action that you may run, and how: its operation is in the document.

    One that is `idempotent` may be sent again without more being done; any other, with an Idempotency-Key.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    summary: str
    permission: str
    readonly: bool
    idempotent: bool
    idempotency_key: KeyPolicy
    deprecated: bool


@dataclass(frozen=True, kw_only=True)
class ActionList:
    """The actions, all of them in one page."""

    items: list[ActionSummary]
    next_cursor: None = None


@router.get(
    "/actions",
    operation_id="list_actions",
    tags=["service"],
    summary="List the actions that you may run.",
    response_description="Those that your credentials allow.",
    response_model=ActionList,
    openapi_extra=answering(Unauthenticated),
)
async def list_actions(request: Request, runner: RunnerOf) -> Response:
    """List the actions that your credentials allow; each is an operation of this document."""
    items = [
        ActionSummary(
            name=name,
            method=method_of(handler),
            path=f"/actions/{name}",
            summary=summary_of(handler),
            permission=handler.permission,
            readonly=handler.readonly,
            idempotent=handler.readonly or handler.idempotent,
            idempotency_key=key_policy_of(handler),
            deprecated=handler.deprecated is not None,
        )
        for name, handler in runner.service.registry.public()
        if runner.caller.may(handler.permission, operator=handler.operator)
    ]
    return fresh(Response(to_json(ActionList(items=items)), media_type="application/json"), request)


def key_policy_of(handler: type[ActionHandler]) -> KeyPolicy:
    """Return what an Idempotency-Key is to an action: what only reads needs none, and what is secret is not kept."""
    if not takes_key(handler):
        return "refused"
    return "required" if handler.key_required else "optional"
