"""Background work."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("queues", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("stopping", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "followers",
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("follows_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["execution_id"],
            ["executions.id"],
            name=op.f("fk_followers_execution_id_executions"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"],
            ["executions.id"],
            name=op.f("fk_followers_follows_id_executions"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("execution_id", "position", name=op.f("pk_followers")),
    )
    op.create_index(op.f("ix_followers_follows_id"), "followers", ["follows_id"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_execution_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["last_execution_id"],
            ["executions.id"],
            name=op.f("fk_schedules_last_execution_id_executions"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("action", name=op.f("pk_schedules")),
    )
    op.add_column("executions", sa.Column("queue", sa.Text(), server_default=sa.text("'default'"), nullable=False))
    op.add_column("executions", sa.Column("worker_id", sa.Uuid(), nullable=True))
    op.add_column("executions", sa.Column("failures", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("executions", sa.Column("waits_for", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("executions", sa.Column("followed", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("executions", sa.Column("output_as", sa.Text(), nullable=True))
    op.add_column("executions", sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("executions", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_executions_work", table_name="executions", postgresql_where=sa.text("state = 'queued'"))
    op.create_index(
        "ix_executions_work",
        "executions",
        [sa.literal_column("priority DESC"), "run_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued' and waits_for = 0"),
    )
    op.create_index(
        "ix_executions_lease_until",
        "executions",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "uq_executions_unique_key",
        "executions",
        ["unique_key"],
        unique=True,
        postgresql_where=sa.text("state in ('queued', 'running')"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_executions_work", table_name="executions", postgresql_where=sa.text("state = 'queued' and waits_for = 0")
    )
    op.create_index(
        "ix_executions_work",
        "executions",
        [sa.literal_column("priority DESC"), "run_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.drop_index(
        "uq_executions_unique_key", table_name="executions", postgresql_where=sa.text("state in ('queued', 'running')")
    )
    op.drop_index("ix_executions_lease_until", table_name="executions", postgresql_where=sa.text("state = 'running'"))
    op.drop_column("executions", "sent_at")
    op.drop_column("executions", "cancel_requested_at")
    op.drop_column("executions", "output_as")
    op.drop_column("executions", "followed")
    op.drop_column("executions", "waits_for")
    op.drop_column("executions", "failures")
    op.drop_column("executions", "worker_id")
    op.drop_column("executions", "queue")
    op.drop_table("schedules")
    op.drop_index(op.f("ix_followers_follows_id"), table_name="followers")
    op.drop_table("followers")
    op.drop_table("workers")
