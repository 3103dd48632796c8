"""The tables, and what the service's role may do with each."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType

from ports.library import Asset, Entity, Kit, Member, Section, Space, Upload

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's `xid8`: a transaction id that never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the name of the type."""
        return "xid8"


def _id() -> Column[object]:
    return Column("id", Uuid, primary_key=True)


def _version() -> Column[object]:
    return Column("version", Integer, nullable=False)


def _text(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, Text, nullable=nullable)


def _of(table: str, *, index: bool = False) -> Column[object]:
    return Column(f"{table.rstrip('s')}_id", ForeignKey(f"{table}.id"), nullable=False, index=index)


def _time(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _one_of(column: str, *values: str) -> CheckConstraint:
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({allowed})", name=column)


executions = Table(
    "executions",
    METADATA,
    _id(),
    _text("action"),
    _text("state"),
    Column("space_id", Uuid),
    _text("actor"),
    _text("via", nullable=True),
    Column("scopes", ARRAY(Text), nullable=False),
    _text("entry_point"),
    Column("arguments", JSONB, nullable=False),
    _text("output", nullable=True),
    _text("problem", nullable=True),
    _text("idempotency_key", nullable=True),
    Column("fingerprint", LargeBinary),
    Column("parent_id", ForeignKey("executions.id", deferrable=True, initially="DEFERRED"), index=True),
    Column("retry_of", ForeignKey("executions.id")),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("claim", BigInteger, nullable=False, server_default=text("0")),
    Column("priority", SmallInteger, nullable=False, server_default=text("0")),
    _text("unique_key", nullable=True),
    Column("progress", JSONB),
    _text("trace_id"),
    _time("submitted_at", nullable=False),
    _time("run_at"),
    _time("deadline"),
    _time("lease_until"),
    _time("started_at"),
    _time("finished_at"),
    _one_of("state", "queued", "running", "succeeded", "rejected", "failed", "cancelled"),
    _one_of("entry_point", "http", "cli", "service", "queue", "schedule"),
)
Index("ix_executions_space_id_id", executions.c.space_id, executions.c.id)
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
    postgresql_where=text("state = 'queued'"),
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
    _text("entity_kind"),
    Column("entity_id", Uuid, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
)
Index("ix_changes_entity", changes.c.entity_kind, changes.c.entity_id, changes.c.id)
Index("ix_changes_transaction_id_id", changes.c.transaction_id, changes.c.id)

spaces = Table(
    "spaces", METADATA, _id(), _version(), _text("name"), _text("created_by"), UniqueConstraint("created_by", "name")
)
members = Table(
    "members",
    METADATA,
    _id(),
    _version(),
    _of("spaces"),
    _text("actor"),
    _text("role"),
    _one_of("role", "viewer", "editor", "admin", "owner"),
    UniqueConstraint("space_id", "actor"),
)
Index("ix_members_actor_id", members.c.actor, members.c.id)
kits = Table(
    "kits",
    METADATA,
    _id(),
    _version(),
    _of("spaces"),
    _text("name"),
    _text("visibility"),
    _one_of("visibility", "private", "public"),
    UniqueConstraint("space_id", "name"),
)
sections = Table(
    "sections",
    METADATA,
    _id(),
    _version(),
    _of("spaces"),
    _of("kits"),
    _text("name"),
    Column("position", Integer, nullable=False),
    UniqueConstraint("kit_id", "name"),
)
assets = Table(
    "assets",
    METADATA,
    _id(),
    _version(),
    _of("spaces"),
    _of("kits"),
    _of("sections"),
    _text("name"),
    _text("sha256"),
    _text("media_type"),
    Column("size", BigInteger, nullable=False),
    UniqueConstraint("section_id", "name"),
)
Index("ix_assets_kit_id_id", assets.c.kit_id, assets.c.id)
Index("ix_assets_sha256", assets.c.sha256)
uploads = Table(
    "uploads",
    METADATA,
    _id(),
    _version(),
    _text("actor"),
    _text("sha256"),
    _text("media_type"),
    Column("size", BigInteger, nullable=False),
    UniqueConstraint("actor", "sha256"),
)

TABLES: dict[type[Entity], Table] = {
    Space: spaces, Member: members, Kit: kits, Section: sections, Asset: assets, Upload: uploads,
}  # fmt: skip
PRIVILEGES = {table.name: "select, insert, update, delete" for table in TABLES.values()} | {
    "executions": "select, insert, update",
    "changes": "select, insert",
    "alembic_version": "select",
}
