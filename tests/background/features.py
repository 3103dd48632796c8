"""What background work can do: the rows of the table in docs/engines.md, each with tests that carry it as a mark."""

from enum import StrEnum

import pytest


class Feature(StrEnum):
    """What an engine is asked for."""

    TRANSACTION = "Queued in the caller's transaction: what is rolled back was never queued"
    VALIDATED = "Arguments and `validate()` are checked before it is queued"
    PERMISSIONS = "What the caller may do is asked again when it runs"
    RETRY = "`retry`: attempts again after a growing wait"
    HEALS = "`retry`: a problem that cannot heal ends it, unless `on` names it"
    USED_UP = "`retry`: `failed` when the attempts are used up"
    CRASH = "A worker that dies costs an attempt; what it did is undone"
    TIMEOUT = "`timeout` ends an attempt"
    DELAY = "`delay`: not before so many seconds"
    AT = "`at`: not before a time"
    PRIORITY = "`priority`: of the handler, or of the call"
    QUEUES = "`queue`: taken by the workers of that queue"
    UNIQUE = "`unique`: one waits or runs at once"
    UNIQUE_WAITING = "`unique` with `running=False`: one waits while another runs"
    CONCURRENCY = "`concurrency`: a limit over all workers"
    BACKGROUND = "`background`: never in a request"
    SCHEDULE = "`schedule`: each tick once over all workers, and one for all that were missed"
    CANCEL_WAITING = "Cancelling what waits"
    CANCEL_RUNNING = "Cancelling what runs: it stops where it awaits, and leaves nothing"
    PROGRESS = "Progress while it runs"
    CHAIN = "Chains: one after another, with its output"
    GROUP = "Groups: one after all of them, with their outputs and how many are done"
    KEY = "An idempotency key stands for the execution that it queued"
    SECRETS = "What is secret is refused"
    OUTDATED = "Arguments that fit no longer end as `rejected`"
    RETRY_OF = "Running it again is a new execution that names the old one"
    DRAIN = "A worker that is stopped gives back what it has not ended, with no attempt counted"


def feature(row: Feature) -> pytest.MarkDecorator:
    """Mark a test as one of those that decide a row."""
    return pytest.mark.feature(row)
