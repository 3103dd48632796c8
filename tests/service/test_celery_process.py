"""What a process of Celery's has, at its end."""

import asyncio
from uuid import UUID

import pytest

from service.background.celery_process import CeleryProcess, NotReady
from service.composition import Service
from service.database import Database
from service.settings import Settings
from tests.background.celery_engine import Beside


async def test_what_comes_to_a_process_that_has_ended_is_not_carried_out(
    settings: Settings, database: Database
) -> None:
    process: CeleryProcess = Beside(settings, lambda told: Service(told, database))
    await asyncio.to_thread(process.carry_out, UUID(int=1))  # it is nobody's, and there is nothing to do
    await asyncio.to_thread(process.close)

    with pytest.raises(NotReady):
        async with asyncio.timeout(20):
            await asyncio.to_thread(process.carry_out, UUID(int=1))
