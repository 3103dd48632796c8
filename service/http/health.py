"""Health: whether the process lives, and whether it can work."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ports.unit_of_work import DatabaseUnavailable
from service.http.openapi.answers import answering
from service.http.providers import service_of

READY_SECONDS = 2.0
router = APIRouter(tags=["service"])


@dataclass(frozen=True, kw_only=True)
class Live:
    """The process lives."""

    status: Literal["live"] = "live"


@dataclass(frozen=True, kw_only=True)
class Ready:
    """The service can work."""

    status: Literal["ready"] = "ready"


@router.get(
    "/health/live",
    operation_id="is_live",
    summary="Say whether the process lives.",
    response_description="It lives.",
    openapi_extra=answering(anybody=True),
)
async def is_live() -> Live:
    """Answer that the process lives, whatever it depends on."""
    return Live()


@router.get(
    "/health/ready",
    operation_id="is_ready",
    summary="Say whether the service can work.",
    response_description="It can.",
    openapi_extra=answering(DatabaseUnavailable, anybody=True),
)
async def is_ready(request: Request) -> Ready:
    """Answer that the service can work: its database answers."""
    try:
        async with asyncio.timeout(READY_SECONDS), service_of(request).probe.connect() as connection:
            await connection.execute(text("select 1"))
    except (OSError, DBAPIError) as error:
        raise DatabaseUnavailable from error
    return Ready()
