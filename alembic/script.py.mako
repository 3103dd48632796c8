<%!
    def plain(code):
        return "\n".join(line for line in code.splitlines() if "# ###" not in line).strip() or "pass"
%>\
"""${message[:1].upper()}${message[1:]}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${plain(upgrades)}


def downgrade() -> None:
    ${plain(downgrades)}
