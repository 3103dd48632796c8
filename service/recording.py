"""Writing down what came of an execution: with its effects, or by itself after a failure that left none."""

from ports.problem import Problem
from ports.unit_of_work import DatabaseUnavailable, OutcomeUnknown
from ports.work import Claimed, Held
from service.outcome import Outcome
from service.run import Run


async def record(run: Run, outcome: Outcome, *, secret: str) -> Outcome:
    """Write the outcome in the execution's own transaction, and return it as it then stands."""
    adapters = run.adapters
    if run.claimed:
        await _end(run, run.claimed, outcome)
    elif outcome.state == "queued":
        return outcome.known_as(await adapters.queue.put(run.entry(outcome, secret=secret)))
    elif run.recorded:
        await adapters.ledger.write(run.entry(outcome, secret=secret))
    return outcome


async def _end(run: Run, claimed: Claimed, outcome: Outcome) -> None:
    ending = run.ending(outcome)
    if outcome.problem is None and not run.adapters.unit_of_work.opened:  # one statement is the whole transaction
        held = Held(id=claimed.id, claim=claimed.claim)
        if await run.adapters.work.succeed(held, output=outcome.body.decode()):
            return
    await run.adapters.queue.end(claimed.id, claim=claimed.claim, ending=ending)


async def record_alone(run: Run, outcome: Outcome, error: BaseException, *, secret: str) -> None:
    """Write the outcome of a failure, if there is to be a row of it; a claimed attempt's is left to its worker.

    A row that cannot be written is on the log.
    """
    if run.claimed or not run.recorded or isinstance(error, (DatabaseUnavailable, OutcomeUnknown)):
        return
    entry = run.entry(outcome, secret=secret, keep_key=False)
    if not run.nested:
        try:
            async with run.adapters.unit_of_work.transaction():
                await run.adapters.ledger.write(entry)
        except Exception as unwritten:
            run.adapters.logger.error("ledger.unwritten", action=run.action, exc_info=unwritten)
    elif isinstance(error, Problem):  # after a bug, the outermost execution fails and its transaction with it
        await run.adapters.ledger.write(entry)
