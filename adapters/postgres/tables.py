"""The tables of the library, and what the service's role may do with each table."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    event,
    func,
    text,
)

from adapters.postgres.columns import (
    METADATA,
    id_column,
    one_of,
    reference,
    text_column,
    time_column,
    version_column,
    word_columns,
)
from adapters.postgres.ledger_tables import actors, changes, executions, followers, schedules, workers
from adapters.postgres.search_tables import search_indexes, search_versions
from adapters.postgres.words import create
from ports.entity import Entity
from ports.library import Asset, Kit, Member, Section, Space, Upload
from ports.sharing import Invitation, Share
from ports.tags import Tag, Tagging

spaces = Table(
    "spaces",
    METADATA,
    id_column(),
    version_column(),
    text_column("name"),
    text_column("created_by"),
    UniqueConstraint("created_by", "name"),
)
members = Table(
    "members",
    METADATA,
    id_column(),
    version_column(),
    reference("spaces"),
    text_column("actor"),
    text_column("role"),
    one_of("role", "viewer", "editor", "admin", "owner"),
    UniqueConstraint("space_id", "actor"),
)
Index("uq_members_space_id_owner", members.c.space_id, unique=True, postgresql_where=members.c.role == text("'owner'"))
Index("ix_members_actor_id", members.c.actor, members.c.id)
kits = Table(
    "kits",
    METADATA,
    id_column(),
    version_column(),
    reference("spaces"),
    text_column("name"),
    text_column("visibility"),
    time_column("archived_at"),
    one_of("visibility", "private", "public"),
    *word_columns(),
    UniqueConstraint("space_id", "name"),
)
SHOWN = kits.c.archived_at.is_(None)
Index("ix_kits_public", kits.c.space_id, kits.c.id, postgresql_where=SHOWN & (kits.c.visibility == text("'public'")))
Index("ix_kits_words", kits.c.words, text("(ARRAY[space_id, id])"), postgresql_using="gin", postgresql_where=SHOWN)
Index(
    "ix_kits_spellings",
    func.search_spellings(kits.c.name),
    text("(ARRAY[space_id, id])"),
    postgresql_using="gin",
    postgresql_where=SHOWN,
)
sections = Table(
    "sections",
    METADATA,
    id_column(),
    version_column(),
    reference("spaces"),
    reference("kits"),
    text_column("name"),
    Column("position", Integer, nullable=False),
    UniqueConstraint("kit_id", "name"),
    UniqueConstraint("kit_id", "position", deferrable=True, initially="DEFERRED"),
)
assets = Table(
    "assets",
    METADATA,
    id_column(),
    version_column(),
    reference("spaces"),
    reference("kits"),
    reference("sections", nullable=True),
    text_column("name"),
    text_column("sha256"),
    text_column("media_type"),
    Column("size", BigInteger, nullable=False),
    time_column("removed_at"),
    text_column("added_by", nullable=True),
    *word_columns(),
    CheckConstraint("section_id is not null or removed_at is not null", name="section_id_removed_at"),
)
Index(
    "uq_assets_section_id_name",
    assets.c.section_id,
    assets.c.name,
    unique=True,
    postgresql_where=assets.c.removed_at.is_(None),
)
Index("ix_assets_section_id_id", assets.c.section_id, assets.c.id)
Index("ix_assets_kit_id_id", assets.c.kit_id, assets.c.id)
# A page reads what it shows, however much of the kit is in the trash, or is not.
KEPT, REMOVED = assets.c.removed_at.is_(None), assets.c.removed_at.is_not(None)
Index("ix_assets_section_id_id_kept", assets.c.section_id, assets.c.id, postgresql_where=KEPT)
Index("ix_assets_kit_id_id_kept", assets.c.kit_id, assets.c.id, postgresql_where=KEPT)
Index("ix_assets_kit_id_id_removed", assets.c.kit_id, assets.c.id, postgresql_where=REMOVED)
Index("ix_assets_sha256", assets.c.sha256)
# Words within spaces and kits: what many have elsewhere is passed by.
Index(
    "ix_assets_words", assets.c.words, text("(ARRAY[space_id, kit_id])"), postgresql_using="gin", postgresql_where=KEPT
)
Index(
    "ix_assets_spellings",
    func.search_spellings(assets.c.name),
    text("(ARRAY[space_id, kit_id])"),
    postgresql_using="gin",
    postgresql_where=KEPT,
)
Index("ix_assets_kit_id_folded", assets.c.kit_id, assets.c.folded, postgresql_where=KEPT)
uploads = Table(
    "uploads",
    METADATA,
    id_column(),
    version_column(),
    text_column("actor"),
    text_column("sha256"),
    text_column("media_type"),
    Column("size", BigInteger, nullable=False),
    time_column("uploaded_at", nullable=False),
    UniqueConstraint("actor", "sha256"),
)
Index("ix_uploads_sha256", uploads.c.sha256)
Index("ix_uploads_uploaded_at", uploads.c.uploaded_at)
tags = Table(
    "tags",
    METADATA,
    id_column(),
    version_column(),
    reference("spaces"),
    text_column("name"),
    UniqueConstraint("space_id", "name"),
)
taggings = Table(
    "taggings",
    METADATA,
    id_column(),
    version_column(),
    reference("spaces"),
    reference("assets"),
    reference("tags"),
    UniqueConstraint("asset_id", "tag_id"),
)
Index("ix_taggings_tag_id_id", taggings.c.tag_id, taggings.c.id)
invitations = Table(
    "invitations",
    METADATA,
    id_column(),
    version_column(),
    reference("spaces"),
    text_column("role"),
    text_column("invited_by"),
    text_column("token_hash"),
    time_column("expires_at", nullable=False),
    text_column("accepted_by", nullable=True),
    one_of("role", "viewer", "editor", "admin"),
    UniqueConstraint("token_hash"),
)
Index("ix_invitations_space_id_id", invitations.c.space_id, invitations.c.id)
shares = Table(
    "shares",
    METADATA,
    id_column(),
    version_column(),
    reference("spaces"),
    reference("kits"),
    text_column("shared_by"),
    text_column("token_hash"),
    time_column("expires_at"),
    time_column("revoked_at"),
    UniqueConstraint("token_hash"),
)
Index("ix_shares_kit_id_id", shares.c.kit_id, shares.c.id)
usage = Table(
    "usage",  # of what has that id: a space, a kit or a tag
    METADATA,
    id_column(),
    Column("assets", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

TABLES: dict[type[Entity], Table] = {
    Space: spaces, Member: members, Kit: kits, Section: sections, Asset: assets, Upload: uploads,
    Tag: tags, Tagging: taggings, Invitation: invitations, Share: shares,
}  # fmt: skip
PRIVILEGES = {table.name: "select, insert, update, delete" for table in TABLES.values()} | {
    usage.name: "select, insert, update, delete",
    actors.name: "select, insert, update",
    executions.name: "select, insert, update",
    changes.name: "select, insert",
    followers.name: "select, insert",
    workers.name: "select, insert, update, delete",
    schedules.name: "select, insert, update",
    search_indexes.name: "select, insert, update, delete",
    search_versions.name: "select, insert, update",
    "alembic_version": "select",
}
# From what else the role may delete where this setting asks for it: without one, nothing that is on record goes.
DELETED_BY = {
    "ledger_days": {executions.name, followers.name},
    "history_days": {executions.name, followers.name, changes.name},
}


@event.listens_for(METADATA, "before_create")
def _create_functions(_: MetaData, connection: Connection, **__: object) -> None:
    create(connection)
