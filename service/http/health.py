"""Health: whether the process lives, and whether it can work."""

from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ports.unit_of_work import DatabaseUnavailable
from service.http.providers import service_of

router = APIRouter(tags=["service"])


@router.get("/health/live", operation_id="is_live", summary="Say whether the process lives.")
async def is_live() -> dict[str, str]:
    """Answer that the process lives, whatever it depends on."""
    return {"status": "live"}


@router.get("/health/ready", operation_id="is_ready", summary="Say whether the service can work.")
async def is_ready(request: Request) -> dict[str, str]:
    """Answer that the service can work: its database answers."""
    try:
        async with service_of(request).engine.connect() as connection:
            await connection.execute(text("select 1"))
    except (OSError, DBAPIError, PoolTimeout) as error:
        raise DatabaseUnavailable from error
    return {"status": "ready"}
