"""The command bus. Every entry point ends here, and the code follows the life of an execution.

1. Record the intent: what the caller sent, before any check.
2. Find the handler by name.
3. Check the arguments: all errors at once.
4. Check what the caller's credentials allow, before any stored answer is read.
5. Open the unit of work; hold the idempotency key, and replay what it stands for. From here to 9, under the deadline.
6. Validate, then execute; a problem undoes what was done.
7. Check the grants again that the checkpoint gave; count what the space holds now.
8. Serialise the output, which checks it.
9. Write the ledger row and commit. After a failure that left nothing to commit, write the row by itself.
10. Record the outcome.

A dry run does the same, but keeps nothing: no key, no row, no commit. What is for later does it up to `validate()`,
and is queued in its row; a worker then does 4 to 10 with what the caller may do by then.
"""

import asyncio
import hmac
from collections.abc import Mapping
from contextlib import nullcontext

from ports.action import Caller, Execution
from ports.actions import TimedOut
from ports.argument import check
from ports.background import Later
from ports.ledger import IdempotencyKeyReused
from ports.problem import Problem
from ports.work import Claimed
from service.async_calls import AsyncCalls
from service.composition import NOTHING, Adapters, Service
from service.outcome import Outcome
from service.recording import record, record_alone
from service.requests import check_request
from service.run import Run, new_execution
from service.sameness import fingerprint

WHOLE = nullcontext()


class ActionRunner(AsyncCalls):
    """Runs actions for one caller, until a `deadline` on the loop's clock; within an execution it is `actions`."""

    def __init__(
        self,
        service: Service,
        caller: Caller,
        *,
        trace_id: str = "",
        deadline: float | None = None,
        replaced: Mapping[str, object] = NOTHING,
        outer: Adapters | None = None,
        reading: bool = False,
    ) -> None:
        self.service, self.caller, self._reading = service, caller, reading
        self._trace_id, self._deadline, self._replaced, self._outer = trace_id, deadline, replaced, outer

    async def run(
        self,
        name: str,
        sent: bytes | Mapping[str, object],
        *,
        key: str | None = None,
        dry_run: bool = False,
        internal: bool = False,
        later: Later | None = None,
    ) -> Outcome:
        """Run an action to its end, and return it whatever it is. `sent` is JSON, or a mapping of JSON values.

        One for `later` is checked and validated now, and queued.
        """
        outer = self._outer.execution if self._outer else None
        execution = new_execution(self.caller, outer=outer, trace_id=self._trace_id)
        run = Run(action=name, adapters=self._adapters(execution, dry_run=dry_run), key=key, later=later)
        run.record_intent(self.service.registry.known(name), sent)  # 1
        return await self._complete(run, sent, internal=internal)

    async def attempt(self, claimed: Claimed) -> Outcome:
        """Run what a worker has claimed, with what its caller may do now; a failure is left for the worker to write."""
        run = Run(action=claimed.action, adapters=self._adapters(claimed.execution), claimed=claimed)
        run.record_attempt(claimed)
        return await self._complete(run, claimed.arguments.encode(), internal=True)

    def _adapters(self, execution: Execution, *, dry_run: bool = False) -> Adapters:
        return Adapters(
            self.service,
            execution,
            outer=self._outer,
            deadline=self._deadline,
            dry_run=dry_run,
            replaced=self._replaced,
        )

    async def _complete(self, run: Run, sent: bytes | Mapping[str, object], *, internal: bool) -> Outcome:
        error = None
        try:
            run.handler = self.service.registry.find(run.action, internal=internal)  # 2
            run.arguments = check(run.input_model, sent, limits=self.service.json_limits)  # 3
            check_request(run, reading=self._reading)  # 4
            if not run.nested and not self.service.introductions.know(self.caller):
                await self.service.introductions.introduce(self.caller)
            outcome = await (self._in_time(run) if run.nested else self._transact(run))  # 5 to 9
        except BaseException as raised:
            outcome, error = run.failure(raised), raised
            await record_alone(run, outcome, raised, secret=self.service.key)  # 9
            if not isinstance(raised, Exception) or (run.nested and not isinstance(raised, Problem)):
                raise
        finally:
            run.record_outcome(outcome, error)  # 10
        return outcome

    async def _transact(self, run: Run) -> Outcome:
        dry, unit = run.adapters.dry_run, run.adapters.unit_of_work
        await self.service.admission.enter(until=self._deadline)
        try:
            async with unit.transaction(readonly=run.handler.readonly, keep=not dry):  # 5, and 9 on leaving
                outcome = await self._in_time(run)
                return outcome.tried(await run.adapters.history.pending()) if dry else outcome
        finally:
            self.service.admission.leave()

    async def _in_time(self, run: Run) -> Outcome:
        if run.nested and run.later:  # what is only queued has no time of its own
            return await self._replayed(run) or await self._attempt(run)
        try:
            async with asyncio.timeout_at(run.adapters.until(run.handler.timeout)) as deadline:
                return await self._replayed(run) or await self._attempt(run)
        except TimeoutError:
            if deadline.expired():
                raise TimedOut from None
            raise

    async def _replayed(self, run: Run) -> Outcome | None:
        if run.key is None:
            return None
        stored = await run.adapters.ledger.claim(actor=self.caller.actor, action=run.action, key=run.key)
        if stored and not hmac.compare_digest(stored.fingerprint, fingerprint(run.arguments, self.service.key)):
            raise IdempotencyKeyReused
        return Outcome.replay(stored, run.action, run.handler) if stored else None

    async def _attempt(self, run: Run) -> Outcome:
        undone = run.nested and not run.later  # what is only validated now has done nothing
        isolated = not run.handler.readonly and (undone or run.key is not None)
        try:
            async with run.adapters.unit_of_work.savepoint() if isolated else WHOLE:
                output = await self._execute(run)  # 6
                if not run.nested and not run.handler.readonly:
                    await self._settle(run)  # 7
                outcome = self._outcome(run, output)  # 8
        except Problem as problem:
            if not isolated or (problem.retryable and not run.nested):
                raise
            outcome = run.failure(problem)
        return await record(run, outcome, secret=self.service.key)  # 9

    def _outcome(self, run: Run, output: object) -> Outcome:
        if run.later:
            return Outcome.accepted(run.execution.id, run.action)
        return Outcome.succeeded(run.handler, output, limit=self.service.settings.max_output_bytes)

    async def _settle(self, run: Run) -> None:
        if checkpoint := run.made("checkpoint"):
            await checkpoint.confirm()
        await run.adapters.usage.settle()

    async def _execute(self, run: Run) -> object:
        adapters, handler = run.adapters, run.handler
        if "actions" in handler.requires:
            nested = {"replaced": self._replaced, "outer": adapters, "reading": handler.readonly}
            adapters.actions = ActionRunner(self.service, self.caller, **nested)
        ports = {port: getattr(adapters, port) for port in handler.requires}
        if run.later and run.later.output_as:
            return None  # an argument is yet to come
        action = handler(execution=run.execution, **ports, **vars(run.arguments))
        await action.validate()
        return None if run.later else await action.execute()
