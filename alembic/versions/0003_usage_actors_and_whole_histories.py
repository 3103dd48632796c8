"""Usage, actors and whole histories."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

COUNT_WHAT_IS_THERE = """
insert into usage (id, assets, bytes)
select space_id, count(*), sum(size) from assets group by space_id
union all select kit_id, count(*), sum(size) from assets where removed_at is null group by kit_id
union all select tag_id, count(*), 0 from taggings group by tag_id
"""
# A UUIDv7 begins with the milliseconds at which it was made.
MADE_AT = "to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)"


def upgrade() -> None:
    op.create_table(
        "actors",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('person', 'service')", name=op.f("ck_actors_kind")),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_actors")),
    )
    op.create_table(
        "usage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assets", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage")),
    )
    op.execute(COUNT_WHAT_IS_THERE)
    kept, removed = sa.text("removed_at IS NULL"), sa.text("removed_at IS NOT NULL")
    op.create_index("ix_assets_kit_id_id_kept", "assets", ["kit_id", "id"], unique=False, postgresql_where=kept)
    op.create_index("ix_assets_kit_id_id_removed", "assets", ["kit_id", "id"], unique=False, postgresql_where=removed)
    op.create_index("ix_assets_section_id_id_kept", "assets", ["section_id", "id"], unique=False, postgresql_where=kept)
    op.add_column("changes", sa.Column("part_of", sa.Uuid(), nullable=True))
    op.execute(
        "update changes set part_of = (coalesce(after, before)->>'asset_id')::uuid where entity_kind = 'tagging'"
    )
    op.create_index(
        "ix_changes_part_of_id",
        "changes",
        ["part_of", "id"],
        unique=False,
        postgresql_where=sa.text("part_of IS NOT NULL"),
    )
    op.add_column("uploads", sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"update uploads set uploaded_at = {MADE_AT}")  # noqa: S608 - of this file's own words
    op.alter_column("uploads", "uploaded_at", nullable=False)
    op.create_index("ix_uploads_sha256", "uploads", ["sha256"], unique=False)
    op.create_index("ix_uploads_uploaded_at", "uploads", ["uploaded_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_uploads_uploaded_at", table_name="uploads")
    op.drop_index("ix_uploads_sha256", table_name="uploads")
    op.drop_column("uploads", "uploaded_at")
    op.drop_index("ix_changes_part_of_id", table_name="changes", postgresql_where=sa.text("part_of IS NOT NULL"))
    op.drop_column("changes", "part_of")
    op.drop_index("ix_assets_section_id_id_kept", table_name="assets", postgresql_where=sa.text("removed_at IS NULL"))
    op.drop_index(
        "ix_assets_kit_id_id_removed", table_name="assets", postgresql_where=sa.text("removed_at IS NOT NULL")
    )
    op.drop_index("ix_assets_kit_id_id_kept", table_name="assets", postgresql_where=sa.text("removed_at IS NULL"))
    op.drop_table("usage")
    op.drop_table("actors")
