"""How far the search index is."""

import sqlalchemy as sa
from alembic import op

from adapters.postgres.columns import TransactionId

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "search_indexes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("transaction_id", TransactionId(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("filling", sa.Text(), nullable=True),
        sa.Column("filled_id", sa.Uuid(), nullable=True),
        sa.Column("filled", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('building', 'live', 'retired')", name=op.f("ck_search_indexes_state")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_search_indexes")),
    )
    op.create_table(
        "search_versions",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_versions")),
    )


def downgrade() -> None:
    op.drop_table("search_versions")
    op.drop_table("search_indexes")
