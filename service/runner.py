"""The command bus. Every entry point ends here, and the code follows the life of an execution.

1. Record the intent: what the caller sent, before any check.
2. Find the handler by name.
3. Check the arguments: all errors at once.
4. Check what the caller's credentials allow, before any stored answer is read.
5. Open the unit of work; hold the idempotency key, and replay what it stands for.
6. Validate, then execute, under the deadline; a problem undoes what was done.
7. Check the grants again that the checkpoint gave; count what the space holds now.
8. Serialise the output, which checks it.
9. Write the ledger row and commit. After a failure that left nothing to commit, write the row by itself.
10. Record the outcome.
"""

import asyncio
import hmac
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from secrets import randbits
from typing import Any, TypeVar, overload

from ports.action import Caller, Execution
from ports.actions import TimedOut
from ports.argument import check
from ports.checkpoint import ScopeMissing
from ports.ledger import IdempotencyKeyReused, checked_key
from ports.problem import Problem
from ports.unit_of_work import DatabaseUnavailable, OutcomeUnknown
from ports.uuid7 import RANDOM_BITS, uuid7
from service.composition import NOTHING, Adapters, Service
from service.outcome import Outcome
from service.run import Run

T = TypeVar("T")
WHOLE = nullcontext()


class ActionRunner:
    """Runs actions for one caller; within an execution it is the port `actions`."""

    def __init__(
        self,
        service: Service,
        caller: Caller,
        *,
        trace_id: str = "",
        replaced: Mapping[str, object] = NOTHING,
        outer: Adapters | None = None,
    ) -> None:
        self.service, self.caller = service, caller
        self._trace_id, self._replaced, self._outer = trace_id, replaced, outer

    @overload
    async def execute(
        self, name: str, arguments: Mapping[str, object], *, returns: type[T], key: str | None = ...
    ) -> T: ...
    @overload
    async def execute(self, name: str, arguments: Mapping[str, object], *, key: str | None = ...) -> Any: ...
    async def execute(
        self, name: str, arguments: Mapping[str, object], *, returns: type[Any] = object, key: str | None = None
    ) -> Any:
        """Run an action and return its output, a `returns`; raise its `Problem`."""
        outcome = await self.run(name, arguments, key=key, internal=True)
        if outcome.problem is not None:
            raise outcome.problem
        if not isinstance(outcome.output, returns):
            raise TypeError(f"{name} returns {type(outcome.output).__name__}, not {returns.__name__}.")
        return outcome.output

    async def run(
        self, name: str, sent: bytes | Mapping[str, object], *, key: str | None = None, internal: bool = False
    ) -> Outcome:
        """Run an action to its end, and return it whatever it is. `sent` is JSON, or a mapping of JSON values."""
        run, error = self._begin(name, key), None
        run.record_intent(self.service.registry.known(name), sent)  # 1
        try:
            run.handler = self.service.registry.find(name, internal=internal)  # 2
            run.arguments = check(run.handler.input_model, sent)  # 3
            self._check_credentials(run)  # 4
            await self.service.introductions.of(self.caller)
            outcome = await (self._attempt(run) if run.nested else self._transact(run))  # 5 to 9
        except BaseException as raised:
            outcome, error = run.failure(raised), raised
            await self._write_alone(run, outcome, raised)  # 9
            if not isinstance(raised, Exception) or (run.nested and not isinstance(raised, Problem)):
                raise
        finally:
            run.record_outcome(outcome, error)  # 10
        return outcome

    def _begin(self, name: str, key: str | None) -> Run:
        now, parent = datetime.now(UTC), self._outer.execution if self._outer else None
        new = uuid7(now, randbits(RANDOM_BITS))
        trace_id = parent.trace_id if parent else self._trace_id or new.hex
        execution = Execution(
            id=new, caller=self.caller, at=now, parent=parent.id if parent else None, trace_id=trace_id
        )
        adapters = self.service.adapters(execution, outer=self._outer, replaced=self._replaced)
        return Run(action=name, execution=execution, adapters=adapters, key=key, nested=parent is not None)

    def _check_credentials(self, run: Run) -> None:
        if not self.caller.may(run.handler.permission, operator=run.handler.operator):
            raise ScopeMissing(permission=run.handler.permission)
        run.key = checked_key(run.key, run.handler)

    async def _transact(self, run: Run) -> Outcome:
        async with run.adapters.unit_of_work.transaction(readonly=run.handler.readonly):  # 5, and 9 on leaving
            return await self._replayed(run) or await self._attempt(run)

    async def _replayed(self, run: Run) -> Outcome | None:
        if run.key is None:
            return None
        stored = await run.adapters.ledger.claim(actor=self.caller.actor, action=run.action, key=run.key)
        if stored and not hmac.compare_digest(stored.fingerprint, run.fingerprint(self.service.key)):
            raise IdempotencyKeyReused
        return Outcome.replay(stored, run.handler) if stored else None

    async def _attempt(self, run: Run) -> Outcome:
        recorded = run.recorded
        isolated = recorded and (run.nested or run.key is not None)
        try:
            async with run.adapters.unit_of_work.savepoint() if isolated else WHOLE:
                output = await self._execute(run)  # 6
                if recorded and not run.nested:
                    await self._settle(run)  # 7
                outcome = Outcome.succeeded(run.handler, output)  # 8
        except Problem as problem:
            if not isolated or (problem.retryable and not run.nested):
                raise
            outcome = run.failure(problem)
        if recorded:
            await run.adapters.ledger.write(run.entry(outcome, secret=self.service.key))  # 9
        return outcome

    async def _settle(self, run: Run) -> None:
        if checkpoint := run.made("checkpoint"):
            await checkpoint.confirm()
        await run.adapters.usage.settle()

    async def _execute(self, run: Run) -> object:
        adapters, handler = run.adapters, run.handler
        if "actions" in handler.requires:
            adapters.actions = ActionRunner(self.service, self.caller, replaced=self._replaced, outer=adapters)
        ports = {port: getattr(adapters, port) for port in handler.requires}
        action = handler(execution=run.execution, **ports, **vars(run.arguments))
        try:
            async with asyncio.timeout(handler.timeout) as deadline:
                await action.validate()
                return await action.execute()
        except TimeoutError:
            if deadline.expired():
                raise TimedOut from None
            raise

    async def _write_alone(self, run: Run, outcome: Outcome, error: BaseException) -> None:
        if not run.recorded or isinstance(error, (DatabaseUnavailable, OutcomeUnknown)):
            return
        entry = run.entry(outcome, secret=self.service.key, keep_key=False)
        if not run.nested:
            try:
                async with run.adapters.unit_of_work.transaction():
                    await run.adapters.ledger.write(entry)
            except Exception as unwritten:
                run.adapters.logger.error("ledger.unwritten", action=run.action, exc_info=unwritten)
        elif isinstance(error, Problem):  # after a bug, the outermost execution fails and its transaction with it
            await run.adapters.ledger.write(entry)
