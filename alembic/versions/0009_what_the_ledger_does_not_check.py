"""What the ledger does not check at each row: see docs/decisions/0023."""

from alembic import op

revision = "0009"
down_revision = "0008"

CHECKS = {
    "ck_executions_state": "state in ('queued', 'running', 'succeeded', 'rejected', 'failed', 'cancelled')",
    "ck_executions_entry_point": "entry_point in ('http', 'cli', 'service', 'queue', 'schedule')",
}
PARENT = "fk_executions_parent_id_executions"


def upgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(name), "executions", type_="check")
    op.drop_constraint(op.f(PARENT), "executions", type_="foreignkey")


def downgrade() -> None:
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(name), "executions", condition)
    op.create_foreign_key(
        op.f(PARENT), "executions", "executions", ["parent_id"], ["id"], deferrable=True, initially="DEFERRED"
    )
