"""A service that holds what `ports/example.py` tells of."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from ports.action import Caller, Execution
from ports.background import Later
from ports.example import (
    ACTOR,
    ARCHIVE,
    ENTITIES,
    EXECUTION,
    IMAGE,
    KIT,
    LATER,
    REJECTED,
    SPACE,
    UPLOADS,
    WAITING,
)
from ports.ledger import Entry
from ports.library import KitNameTaken
from service.composition import Adapters, Service


async def add_records(service: Service) -> None:
    """Add all of the example but its files, which the database does not hold."""
    adapters = Adapters(service, Execution(id=EXECUTION.id, caller=Caller(actor=ACTOR)))
    async with adapters.unit_of_work.transaction():
        await adapters.ledger.write(entry())
        await adapters.ledger.write(rejected())
        await adapters.queue.put(waiting())
        for entity in (*ENTITIES, *UPLOADS):
            await adapters.repo.add(entity)
        await adapters.usage.settle()


async def add_files(service: Service) -> None:
    """Add the files of the example."""
    for content in (IMAGE, ARCHIVE):
        await service.files.add(_chunks(content))


def entry() -> Entry:
    """The execution of the example, as the ledger keeps it."""
    return Entry(
        id=EXECUTION.id,
        action=EXECUTION.action,
        state=EXECUTION.state,
        caller=Caller(actor=EXECUTION.actor, entry_point="http"),
        space_id=EXECUTION.space_id,
        arguments=json.dumps(EXECUTION.arguments),
        output=json.dumps(EXECUTION.output),
        problem=None,
        key=None,
        fingerprint=None,
        parent_id=None,
        trace_id=EXECUTION.trace_id,
        submitted_at=EXECUTION.submitted_at,
        finished_at=EXECUTION.submitted_at,
    )


def rejected() -> Entry:
    """One that made no second kit of that name."""
    document = KitNameTaken(name=KIT.name).document(execution_id=REJECTED, trace_id=REJECTED.hex)
    problem, arguments = json.dumps(document), json.dumps({"space_id": str(SPACE.id), "name": KIT.name})
    row: dict[str, Any] = {"state": "rejected", "output": None, "problem": problem, "arguments": arguments}
    return replace(entry(), id=REJECTED, action="create_kit", space_id=SPACE.id, trace_id=REJECTED.hex, **row)


def waiting() -> Entry:
    """One that waits."""
    arguments = json.dumps({"space_id": str(SPACE.id), "name": "Later"})
    row: dict[str, Any] = {"state": "queued", "output": None, "finished_at": None, "arguments": arguments}
    return replace(rejected(), id=WAITING, problem=None, later=Later(at=LATER), **row)


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content
