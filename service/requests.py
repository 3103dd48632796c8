"""What a caller may ask of an action at all, before anything is read."""

from ports.action import ActionHandler
from ports.actions import DryRunRefused
from ports.background import BackgroundOnly, BackgroundRefused, Later, OutputNotTaken
from ports.checkpoint import ScopeMissing
from ports.ledger import checked_key
from service.run import Run

LASTING = frozenset({"disposal", "gateway"})  # ports whose effects no rollback undoes


def check_request(run: Run, *, reading: bool) -> None:
    """Check the caller's scopes, and how the action is asked for: settle its key, and whether it is for later.

    One that writes has no row to be the parent of its own where an action that is only `reading` asks for it.
    """
    handler, caller, dry_run = run.handler, run.execution.caller, run.adapters.dry_run
    if reading and not handler.readonly:
        raise TypeError(f"{run.action} writes; it is asked for by an action that only reads.")
    if not caller.may(handler.permission, operator=handler.operator):
        raise ScopeMissing(permission=handler.permission)
    if run.claimed:
        return
    if dry_run:
        check_undoable(handler, nested=run.nested)
    run.later = None if dry_run else check_later(handler, run.later, nested=run.nested)
    run.key = None if dry_run else checked_key(run.key, handler, nested=run.nested)


def check_undoable(handler: type[ActionHandler], *, nested: bool) -> None:
    """Raise `DryRunRefused` for what cannot be tried: it only reads, or what it does lasts."""
    if not LASTING.isdisjoint(handler.requires) or (handler.readonly and not nested):
        raise DryRunRefused


def check_later(handler: type[ActionHandler], later: Later | None, *, nested: bool) -> Later | None:
    """Return how the action is to be queued, if it is. Raise a problem of `ports.background`."""
    if later is not None and (handler.readonly or handler.secrets or handler.secret_output):
        raise BackgroundRefused
    if later is not None and later.output_as is not None and later.output_as not in handler.arguments:
        raise OutputNotTaken(argument=later.output_as)
    if later is None and handler.background:
        if nested:
            raise BackgroundOnly
        return Later()
    return later
