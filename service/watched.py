"""An execution in the background, watched from a terminal."""

import asyncio
from uuid import UUID

import click
from pydantic_core import to_json

from adapters.terminal.progress import TerminalProgress
from ports.ledger import OPEN
from ports.problem import Problem
from service.async_calls import Handle
from service.handle import document_of
from service.outcome import Outcome
from service.runner import ActionRunner


async def watched(runner: ActionRunner, execution_id: UUID) -> Outcome:
    """Draw how far an execution has come until it ends, and return its end; say so if it is left before."""
    handle, bar = Handle(runner, execution_id, object), TerminalProgress()
    try:
        async for record in handle.progress():
            if progress := record.progress:
                bar.report(progress.done, total=progress.total, note=progress.note)
            elif record.state in OPEN:
                bar.say(record.state)
    except asyncio.CancelledError:
        bar.leave()
        click.echo(f"It goes on; `actionbus watch {execution_id}` watches it again.", err=True)
        raise
    finally:
        bar.leave()
    if document := document_of(record):
        return Outcome(state=record.state, body=to_json(document), problem=Problem.from_document(document))
    return Outcome(state=record.state, body=to_json(record.output), output=record.output)
