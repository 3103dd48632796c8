"""One run of an action, as far as it has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from secrets import randbits
from time import perf_counter
from typing import Any

from pydantic import BaseModel

from adapters.structlog.logger import informs, unbound_log
from ports.action import ActionHandler, Caller, Execution
from ports.argument import input_model
from ports.background import Later
from ports.ledger import Entry
from ports.logger import Logger
from ports.problem import Problem
from ports.unit_of_work import DatabaseUnavailable
from ports.uuid7 import RANDOM_BITS, uuid7
from ports.work import Claimed, Ending
from service.composition import Adapters
from service.outcome import Outcome
from service.records import shown, submitted, validated
from service.sameness import fingerprint, unique_key


def new_execution(caller: Caller, *, outer: Execution | None, trace_id: str) -> Execution:
    """Return an execution of now, nested in the `outer` one if there is one; without a trace, its id begins one."""
    now = datetime.now(UTC)
    new = uuid7(now, randbits(RANDOM_BITS))
    trace_id = outer.trace_id if outer else trace_id or new.hex
    return Execution(id=new, caller=caller, at=now, parent=outer.id if outer else None, trace_id=trace_id)


@dataclass(kw_only=True)
class Run:
    """What the runner knows of an execution; `handler` and `arguments` are there once they are found and checked."""

    action: str
    adapters: Adapters
    key: str | None = None
    later: Later | None = None
    claimed: Claimed | None = None
    handler: Any = None
    arguments: BaseModel | None = None

    def __post_init__(self) -> None:
        self._started = perf_counter()
        self.execution = self.adapters.execution
        self.nested = self.execution.parent is not None
        self._log: Logger = self.made("logger") or unbound_log()  # binding is for handlers: here it only takes time

    @property
    def input_model(self) -> type[BaseModel]:
        """What the arguments must fit: all of them, but for the one that is yet to come of what this follows."""
        coming = self.later.output_as if self.later else None
        return self.handler.input_model if coming is None else model_without(self.handler, coming)

    @property
    def recorded(self) -> bool:
        """Whether there is to be a row of it: its arguments are valid, and it is no mere reading or trying."""
        return self.arguments is not None and not self.handler.readonly and not self.adapters.dry_run

    def record_intent(self, known: type[ActionHandler] | None, sent: bytes | Mapping[str, object]) -> None:
        """Put on the log what the caller sent, and who that is."""
        if not informs(self._log):
            return
        caller = self.execution.caller
        self._log.info(
            "action.submitted",
            action=self.action,
            execution_id=self.execution.id,
            trace_id=self.execution.trace_id,
            actor=caller.actor,
            via=caller.via,
            entry_point=caller.entry_point,
            parent=self.execution.parent,
            dry_run=self.adapters.dry_run,
            arguments=submitted(known, sent),
        )

    def record_attempt(self, claimed: Claimed) -> None:
        """Put on the log that a worker has begun with it."""
        self._log.info(
            "action.started",
            action=self.action,
            execution_id=self.execution.id,
            trace_id=self.execution.trace_id,
            actor=claimed.caller.actor,
            attempt=claimed.attempt,
        )

    def record_outcome(self, outcome: Outcome, error: BaseException | None) -> None:
        """Put on the log what came of it; a bug with its traceback."""
        bug = isinstance(error, Exception) and not isinstance(error, Problem)
        if bug or informs(self._log):
            record = self._log.error if bug else self._log.info
            record(
                "action.completed",
                action=self.action,
                execution_id=self.execution.id,
                trace_id=self.execution.trace_id,
                state=outcome.state,
                problem=outcome.problem and outcome.problem.code,
                arguments=shown(self.handler, self.arguments) if self.arguments is not None else None,
                milliseconds=round((perf_counter() - self._started) * 1000, 3),
                dry_run=self.adapters.dry_run,
                replayed=outcome.replayed,
                **({"exc_info": error} if bug else {}),
            )
        # Frames hold all that was sent, and their errors, in a circle: megabytes until garbage is collected.
        for told in (outcome.problem, None if self.nested else error):
            if told is not None:
                told.__traceback__ = told.__context__ = told.__cause__ = None

    def failure(self, error: BaseException) -> Outcome:
        """Return the outcome that `error` makes of it."""
        recorded = self.recorded and not isinstance(error, DatabaseUnavailable)
        return Outcome.of(error, self.execution, recorded=recorded)

    def made(self, port: str) -> Any:
        """Return the adapter of a port if something has asked for it."""
        return vars(self.adapters).get(port)

    def entry(self, outcome: Outcome, *, secret: str, keep_key: bool = True) -> Entry:
        """Return the row of the ledger."""
        handler: type[ActionHandler] = self.handler
        later = self.later if outcome.state == "queued" else None
        text = None if handler.secret_output or later else outcome.body.decode()
        key = self.key if keep_key else None
        checkpoint = self.made("checkpoint")
        assert self.arguments is not None  # noqa: S101 - a row is written of valid arguments only
        return Entry(
            id=self.execution.id,
            action=self.action,
            state=outcome.state,
            caller=self.execution.caller,
            space_id=checkpoint.space_id if checkpoint else None,
            arguments=validated(handler, self.arguments),
            output=text if outcome.problem is None else None,
            problem=None if outcome.problem is None else outcome.body.decode(),
            key=key,
            fingerprint=fingerprint(self.arguments, secret) if key else None,
            parent_id=self.execution.parent,
            trace_id=self.execution.trace_id,
            submitted_at=self.execution.at,
            finished_at=None if later else datetime.now(UTC),
            later=later,
            queue=handler.queue,
            priority=handler.priority,
            unique_key=unique_key(self.action, handler, self.arguments) if later and handler.unique else None,
        )

    def ending(self, outcome: Outcome) -> Ending:
        """Return what became of the attempt that was claimed."""
        text, checkpoint = outcome.body.decode(), self.made("checkpoint")
        return Ending(
            state=outcome.state,
            output=text if outcome.problem is None else None,
            problem=None if outcome.problem is None else text,
            space_id=checkpoint.space_id if checkpoint else None,
        )


@cache
def model_without(handler: type[ActionHandler], argument: str) -> type[BaseModel]:
    """Return the model of the arguments but one, by whichever of its names."""
    others = {name: said for name, said in handler.arguments.items() if argument not in (name, *said.aliases)}
    return input_model(handler.input_model.__name__, others)
