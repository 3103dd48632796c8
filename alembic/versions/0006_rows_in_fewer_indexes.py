"""Rows of executions in fewer indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

MOSTLY_NULL = {
    "ix_executions_parent_id": ["parent_id"],
    "ix_executions_retry_of": ["retry_of"],
    "ix_executions_space_id_id": ["space_id", "id"],
}


def upgrade() -> None:
    for name, columns in MOSTLY_NULL.items():
        op.drop_index(name, table_name="executions")
        op.create_index(name, "executions", columns, postgresql_where=sa.text(f"{columns[0]} IS NOT NULL"))


def downgrade() -> None:
    for name, columns in MOSTLY_NULL.items():
        op.drop_index(name, table_name="executions")
        op.create_index(name, "executions", columns)
