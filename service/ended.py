"""What came of an execution in the background, for the one who asked for it."""

from ports.action import ActionHandler
from ports.unit_of_work import DatabaseUnavailable
from service.composition import Service
from service.outcome import Outcome


async def outcome_within(
    seconds: float, accepted: Outcome, handler: type[ActionHandler], *, service: Service, actor: str
) -> Outcome | None:
    """Wait for the end of what was accepted, and return the outcome as though it had been waited for from the first.

    None if it has not ended in time, or is another actor's: of one that is unique there may have been one already.
    """
    execution_id = accepted.output.id
    if await service.watch.end(execution_id, seconds=seconds) is None:
        return None
    try:
        stored = await service.watch.stored(execution_id, actor=actor)
    except DatabaseUnavailable:
        return None
    if stored is None:
        return None
    return Outcome.replay(stored, accepted.output.action, handler)._replace(replayed=accepted.replayed)
