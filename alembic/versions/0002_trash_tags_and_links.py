"""Trash, tags and links."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.CheckConstraint("role in ('viewer', 'editor', 'admin')", name=op.f("ck_invitations_role")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_invitations_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index("ix_invitations_space_id_id", "invitations", ["space_id", "id"], unique=False)
    op.create_table(
        "tags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_tags_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("space_id", "name", name=op.f("uq_tags_space_id_name")),
    )
    op.create_table(
        "shares",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("kit_id", sa.Uuid(), nullable=False),
        sa.Column("shared_by", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["kit_id"], ["kits.id"], name=op.f("fk_shares_kit_id_kits")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_shares_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_shares_token_hash")),
    )
    op.create_index("ix_shares_kit_id_id", "shares", ["kit_id", "id"], unique=False)
    op.create_table(
        "taggings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_taggings_asset_id_assets")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_taggings_space_id_spaces")),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_taggings_tag_id_tags")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taggings")),
        sa.UniqueConstraint("asset_id", "tag_id", name=op.f("uq_taggings_asset_id_tag_id")),
    )
    op.create_index("ix_taggings_tag_id_id", "taggings", ["tag_id", "id"], unique=False)
    op.add_column("assets", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("assets", "section_id", existing_type=sa.UUID(), nullable=True)
    op.create_check_constraint(
        op.f("ck_assets_section_id_removed_at"), "assets", "section_id is not null or removed_at is not null"
    )
    op.drop_constraint(op.f("uq_assets_section_id_name"), "assets", type_="unique")
    op.create_index(
        "uq_assets_section_id_name",
        "assets",
        ["section_id", "name"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index("ix_assets_section_id_id", "assets", ["section_id", "id"], unique=False)
    op.create_index(op.f("ix_executions_retry_of"), "executions", ["retry_of"], unique=False)
    op.add_column("kits", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "uq_members_space_id_owner", "members", ["space_id"], unique=True, postgresql_where=sa.text("role = 'owner'")
    )
    op.create_unique_constraint(
        op.f("uq_sections_kit_id_position"), "sections", ["kit_id", "position"], deferrable=True, initially="DEFERRED"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("uq_sections_kit_id_position"), "sections", type_="unique")
    op.drop_index("uq_members_space_id_owner", table_name="members", postgresql_where=sa.text("role = 'owner'"))
    op.drop_column("kits", "archived_at")
    op.drop_index(op.f("ix_executions_retry_of"), table_name="executions")
    op.drop_index("ix_assets_section_id_id", table_name="assets")
    op.drop_index("uq_assets_section_id_name", table_name="assets", postgresql_where=sa.text("removed_at IS NULL"))
    op.create_unique_constraint(
        op.f("uq_assets_section_id_name"), "assets", ["section_id", "name"], postgresql_nulls_not_distinct=False
    )
    op.drop_constraint(op.f("ck_assets_section_id_removed_at"), "assets", type_="check")
    op.execute("delete from assets where removed_at is not null")  # the trash: what came before has no place for it
    op.alter_column("assets", "section_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("assets", "removed_at")
    op.drop_index("ix_taggings_tag_id_id", table_name="taggings")
    op.drop_table("taggings")
    op.drop_index("ix_shares_kit_id_id", table_name="shares")
    op.drop_table("shares")
    op.drop_table("tags")
    op.drop_index("ix_invitations_space_id_id", table_name="invitations")
    op.drop_table("invitations")
