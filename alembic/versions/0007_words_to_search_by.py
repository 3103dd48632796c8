"""Words to search by."""

import sqlalchemy as sa
from alembic import op

from adapters.postgres.words import DROP, create

revision = "0007"
down_revision = "0006"

WHO_ADDED = """
update assets set added_by = executions.actor from changes join executions on executions.id = changes.execution_id
where changes.entity_kind = 'asset' and changes.entity_id = assets.id and changes.before is null
"""
SHOWN = {"assets": ("kit_id", "removed_at IS NULL"), "kits": ("id", "archived_at IS NULL")}


def upgrade() -> None:
    create(op.get_bind())
    op.add_column("assets", sa.Column("added_by", sa.Text(), nullable=True))
    op.execute(WHO_ADDED)
    for table, (itself, shown) in SHOWN.items():
        # Both in one statement: the table is written once.
        op.execute(
            f'alter table {table} add column folded text collate "C" generated always as (search_fold(name)) stored,'
            " add column words tsvector generated always as (search_words(name)) stored"
        )
        scopes, where = sa.text(f"(ARRAY[space_id, {itself}])"), sa.text(shown)
        by = {"postgresql_using": "gin", "postgresql_where": where}
        op.create_index(f"ix_{table}_words", table, ["words", scopes], **by)
        op.create_index(f"ix_{table}_spellings", table, [sa.text("search_spellings(name)"), scopes], **by)
    op.create_index(
        "ix_assets_kit_id_folded", "assets", ["kit_id", "folded"], postgresql_where=sa.text(SHOWN["assets"][1])
    )
    op.create_index(
        "ix_kits_public",
        "kits",
        ["space_id", "id"],
        postgresql_where=sa.text("archived_at IS NULL AND visibility = 'public'"),
    )


def downgrade() -> None:
    op.drop_index("ix_kits_public", "kits")
    op.drop_index("ix_assets_kit_id_folded", "assets")
    for table in SHOWN:
        op.drop_index(f"ix_{table}_spellings", table)
        op.drop_column(table, "words")
        op.drop_column(table, "folded")
    op.drop_column("assets", "added_by")
    for statement in DROP:
        op.get_bind().exec_driver_sql(statement)
