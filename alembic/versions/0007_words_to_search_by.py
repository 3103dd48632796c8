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
# Of each table: which of its columns scopes its words, and what of it is found.
FOUND = {"assets": ("kit_id", "removed_at IS NULL"), "kits": ("id", "archived_at IS NULL")}
COLUMNS = """
alter table {0} add column folded text collate "C" generated always as (search_fold(name)) stored,
    add column words tsvector generated always as (search_words(name)) stored
"""  # in one statement, so that the table is written once


def upgrade() -> None:
    downgrade()  # what is left where an index could not be made
    create(op.get_bind())
    op.add_column("assets", sa.Column("added_by", sa.Text(), nullable=True))
    op.execute(WHO_ADDED)
    for table in FOUND:
        op.execute(COLUMNS.format(table))
    with op.get_context().autocommit_block():  # nobody waits to read while the indexes are made, each by itself
        _create_indexes()


def _create_indexes() -> None:
    for table, (scope, shown) in FOUND.items():
        where = sa.text(shown)
        for name, made in (("words", "words"), ("spellings", sa.text("search_spellings(name)"))):
            columns = [made, sa.text(f"(ARRAY[space_id, {scope}])")]
            op.create_index(f"ix_{table}_{name}", table, columns, postgresql_using="gin", postgresql_where=where)
    kept = sa.text("removed_at IS NULL")
    public = sa.text("archived_at IS NULL AND visibility = 'public'")
    op.create_index("ix_assets_kit_id_folded", "assets", ["kit_id", "folded"], postgresql_where=kept)
    op.create_index("ix_kits_public", "kits", ["space_id", "id"], postgresql_where=public)


def downgrade() -> None:
    op.drop_index("ix_kits_public", "kits", if_exists=True)
    for table in FOUND:
        op.drop_index(f"ix_{table}_spellings", table, if_exists=True)
        op.drop_column(table, "words", if_exists=True)
        op.drop_column(table, "folded", if_exists=True)
    op.drop_column("assets", "added_by", if_exists=True)
    for statement in DROP:
        op.get_bind().exec_driver_sql(statement)
