"""The first tables: the ledger, the changes and the library."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from adapters.postgres.columns import TransactionId

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "executions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=True),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("entry_point", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("output", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("retry_of", sa.Uuid(), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("claim", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=True),
        sa.Column("progress", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "entry_point in ('http', 'cli', 'service', 'queue', 'schedule')", name=op.f("ck_executions_entry_point")
        ),
        sa.CheckConstraint(
            "state in ('queued', 'running', 'succeeded', 'rejected', 'failed', 'cancelled')",
            name=op.f("ck_executions_state"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["executions.id"],
            name=op.f("fk_executions_parent_id_executions"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["retry_of"], ["executions.id"], name=op.f("fk_executions_retry_of_executions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_executions")),
    )
    op.create_index("ix_executions_actor_id", "executions", ["actor", "id"], unique=False)
    op.create_index(op.f("ix_executions_parent_id"), "executions", ["parent_id"], unique=False)
    op.create_index("ix_executions_space_id_id", "executions", ["space_id", "id"], unique=False)
    op.create_index(
        "ix_executions_work",
        "executions",
        [sa.literal_column("priority DESC"), "run_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "uq_executions_idempotency_key",
        "executions",
        ["actor", "action", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.create_table(
        "spaces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spaces")),
        sa.UniqueConstraint("created_by", "name", name=op.f("uq_spaces_created_by_name")),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("actor", "sha256", name=op.f("uq_uploads_actor_sha256")),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("entity_kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["execution_id"],
            ["executions.id"],
            name=op.f("fk_changes_execution_id_executions"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_entity", "changes", ["entity_kind", "entity_id", "id"], unique=False)
    op.create_index(op.f("ix_changes_execution_id"), "changes", ["execution_id"], unique=False)
    op.create_index("ix_changes_transaction_id_id", "changes", ["transaction_id", "id"], unique=False)
    op.create_table(
        "kits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.CheckConstraint("visibility in ('private', 'public')", name=op.f("ck_kits_visibility")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_kits_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kits")),
        sa.UniqueConstraint("space_id", "name", name=op.f("uq_kits_space_id_name")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint("role in ('viewer', 'editor', 'admin', 'owner')", name=op.f("ck_members_role")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_members_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("space_id", "actor", name=op.f("uq_members_space_id_actor")),
    )
    op.create_index("ix_members_actor_id", "members", ["actor", "id"], unique=False)
    op.create_table(
        "sections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("kit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["kit_id"], ["kits.id"], name=op.f("fk_sections_kit_id_kits")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_sections_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sections")),
        sa.UniqueConstraint("kit_id", "name", name=op.f("uq_sections_kit_id_name")),
    )
    op.create_table(
        "assets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("kit_id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["kit_id"], ["kits.id"], name=op.f("fk_assets_kit_id_kits")),
        sa.ForeignKeyConstraint(["section_id"], ["sections.id"], name=op.f("fk_assets_section_id_sections")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_assets_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
        sa.UniqueConstraint("section_id", "name", name=op.f("uq_assets_section_id_name")),
    )
    op.create_index("ix_assets_kit_id_id", "assets", ["kit_id", "id"], unique=False)
    op.create_index("ix_assets_sha256", "assets", ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_assets_sha256", table_name="assets")
    op.drop_index("ix_assets_kit_id_id", table_name="assets")
    op.drop_table("assets")
    op.drop_table("sections")
    op.drop_index("ix_members_actor_id", table_name="members")
    op.drop_table("members")
    op.drop_table("kits")
    op.drop_index("ix_changes_transaction_id_id", table_name="changes")
    op.drop_index(op.f("ix_changes_execution_id"), table_name="changes")
    op.drop_index("ix_changes_entity", table_name="changes")
    op.drop_table("changes")
    op.drop_table("uploads")
    op.drop_table("spaces")
    op.drop_index(
        "uq_executions_idempotency_key",
        table_name="executions",
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.drop_index("ix_executions_work", table_name="executions", postgresql_where=sa.text("state = 'queued'"))
    op.drop_index("ix_executions_space_id_id", table_name="executions")
    op.drop_index(op.f("ix_executions_parent_id"), table_name="executions")
    op.drop_index("ix_executions_actor_id", table_name="executions")
    op.drop_table("executions")
