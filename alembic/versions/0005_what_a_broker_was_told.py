"""What a broker was told."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index(
        "ix_executions_sent_at",
        "executions",
        ["sent_at"],
        unique=False,
        postgresql_where=sa.text("state = 'queued' and sent_at is not null"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_executions_sent_at",
        table_name="executions",
        postgresql_where=sa.text("state = 'queued' and sent_at is not null"),
    )
