"""The tables of the ledger: executions, who runs them and when, what each changed, and who the actors are."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.columns import METADATA, TransactionId, id_column, one_of, text_column, time_column

# No row of these is checked for what the code that writes them holds in its types: decision 0023.
executions = Table(
    "executions",
    METADATA,
    id_column(),
    text_column("action"),
    text_column("state"),
    Column("space_id", Uuid),
    text_column("actor"),
    text_column("via", nullable=True),
    Column("scopes", ARRAY(Text), nullable=False),
    text_column("entry_point"),
    Column("arguments", JSONB, nullable=False),
    text_column("output", nullable=True),
    text_column("problem", nullable=True),
    text_column("idempotency_key", nullable=True),
    Column("fingerprint", LargeBinary),
    Column("parent_id", Uuid),
    Column("retry_of", ForeignKey("executions.id")),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("claim", BigInteger, nullable=False, server_default=text("0")),
    Column("priority", SmallInteger, nullable=False, server_default=text("0")),
    text_column("unique_key", nullable=True),
    Column("queue", Text, nullable=False, server_default=text("'default'")),
    Column("worker_id", Uuid),
    Column("failures", JSONB),
    Column("waits_for", Integer, nullable=False, server_default=text("0")),
    Column("followed", Boolean, nullable=False, server_default=text("false")),
    text_column("output_as", nullable=True),
    Column("progress", JSONB),
    text_column("trace_id"),
    time_column("submitted_at", nullable=False),
    time_column("run_at"),
    time_column("deadline"),
    time_column("lease_until"),
    time_column("cancel_requested_at"),
    time_column("sent_at"),
    time_column("started_at"),
    time_column("finished_at"),
)
# Each change of state writes a row anew in every index that it is in: it is in those alone that can find it.
for first, *more in ((executions.c.parent_id,), (executions.c.retry_of,), (executions.c.space_id, executions.c.id)):
    Index(None, first, *more, postgresql_where=first.is_not(None))
Index("ix_executions_actor_id", executions.c.actor, executions.c.id)
Index(
    "uq_executions_idempotency_key",
    executions.c.actor,
    executions.c.action,
    executions.c.idempotency_key,
    unique=True,
    postgresql_where=executions.c.idempotency_key.is_not(None),
)
Index(
    "ix_executions_work",
    executions.c.priority.desc(),
    executions.c.run_at,
    executions.c.id,
    postgresql_where=text("state = 'queued' and waits_for = 0"),
)
Index(
    "ix_executions_sent_at",
    executions.c.sent_at,
    postgresql_where=text("state = 'queued' and sent_at is not null"),
)
Index("ix_executions_lease_until", executions.c.lease_until, postgresql_where=text("state = 'running'"))
Index(
    "uq_executions_unique_key",
    executions.c.unique_key,
    unique=True,
    postgresql_where=text("state in ('queued', 'running')"),
)

followers = Table(
    "followers",
    METADATA,
    Column("execution_id", ForeignKey("executions.id", deferrable=True, initially="DEFERRED"), primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column(
        "follows_id",
        ForeignKey("executions.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
        index=True,
    ),
)

workers = Table(
    "workers",
    METADATA,
    id_column(),
    text_column("host"),
    Column("pid", Integer, nullable=False),
    Column("queues", ARRAY(Text), nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("running", Integer, nullable=False),
    Column("stopping", Boolean, nullable=False),
    time_column("started_at", nullable=False),
    time_column("seen_at", nullable=False),
)

schedules = Table(
    "schedules",
    METADATA,
    Column("action", Text, primary_key=True),
    text_column("cron"),
    text_column("zone"),
    time_column("next_at", nullable=False),
    time_column("last_at"),
    Column("last_execution_id", ForeignKey("executions.id", deferrable=True, initially="DEFERRED")),
)

changes = Table(
    "changes",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "execution_id",
        ForeignKey("executions.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
        index=True,
    ),
    Column("transaction_id", TransactionId, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("space_id", Uuid),
    text_column("entity_kind"),
    Column("entity_id", Uuid, nullable=False),
    Column("part_of", Uuid),
    Column("before", JSONB),
    Column("after", JSONB),
)
Index("ix_changes_entity", changes.c.entity_kind, changes.c.entity_id, changes.c.id)
Index("ix_changes_part_of_id", changes.c.part_of, changes.c.id, postgresql_where=changes.c.part_of.is_not(None))
Index("ix_changes_transaction_id_id", changes.c.transaction_id, changes.c.id)

actors = Table(
    "actors",
    METADATA,
    Column("subject", Text, primary_key=True),
    text_column("kind"),
    text_column("display_name", nullable=True),
    time_column("first_seen_at", nullable=False),
    one_of("kind", "person", "service"),
)
