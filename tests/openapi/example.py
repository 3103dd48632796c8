"""A service that holds what `ports/example.py` tells of."""

import json
from collections.abc import AsyncIterator

from ports.action import Caller, Execution
from ports.example import ACTOR, ARCHIVE, ENTITIES, EXECUTION, IMAGE, UPLOADS
from ports.ledger import Entry
from service.composition import Adapters, Service


async def add_records(service: Service) -> None:
    """Add all of the example but its files, which the database does not hold."""
    adapters = Adapters(service, Execution(id=EXECUTION.id, caller=Caller(actor=ACTOR)))
    async with adapters.unit_of_work.transaction():
        await adapters.ledger.write(entry())
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


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content
