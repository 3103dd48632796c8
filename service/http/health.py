"""Health: whether the process lives, and whether it can work."""

import asyncio

from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ports.unit_of_work import DatabaseUnavailable
from service.http.providers import service_of

READY_SECONDS = 2.0
router = APIRouter(tags=["service"])


@router.get("/health/live", operation_id="is_live", summary="Say whether the process lives.")
async def is_live() -> dict[str, str]:
    """Answer that the process lives, whatever it depends on."""
    return {"status": "live"}


@router.get("/health/ready", operation_id="is_ready", summary="Say whether the service can work.")
async def is_ready(request: Request) -> dict[str, str]:
    """Answer that the service can work: its database answers."""
    try:
        async with asyncio.timeout(READY_SECONDS), service_of(request).probe.connect() as connection:
            await connection.execute(text("select 1"))
    except (OSError, DBAPIError) as error:
        raise DatabaseUnavailable from error
    return {"status": "ready"}
