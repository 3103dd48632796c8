"""A small library for the tests: one of each kind, within one another."""

from uuid import NAMESPACE_OID, UUID, uuid5

from ports.action import Execution
from ports.library import Asset, Kit, Member, Role, Section, Space, Upload
from ports.tags import Tag, Tagging

SHA256 = "a" * 64
SPACE = Space(id=UUID(int=1), name="Design", created_by="founder")
KIT = Kit(id=UUID(int=2), space_id=SPACE.id, name="Brand")
SECTION = Section(id=UUID(int=3), space_id=SPACE.id, kit_id=KIT.id, name="Logos", position=0)
ASSET = Asset(
    id=UUID(int=4),
    space_id=SPACE.id,
    kit_id=KIT.id,
    section_id=SECTION.id,
    name="arrow.svg",
    sha256=SHA256,
    media_type="image/svg+xml",
    size=100,
)
UPLOAD = Upload(
    id=UUID(int=5), actor="tester", sha256=SHA256, media_type="image/svg+xml", size=100, uploaded_at=Execution().at
)
TAG = Tag(id=UUID(int=7), space_id=SPACE.id, name="navigation")
TAGGING = Tagging(id=UUID(int=8), space_id=SPACE.id, asset_id=ASSET.id, tag_id=TAG.id)
OTHER_SPACE = Space(id=UUID(int=6), name="Shop", created_by="founder")


def member(role: Role, actor: str = "tester", *, of: Space = SPACE) -> Member:
    return Member(id=uuid5(NAMESPACE_OID, f"{of.id} {actor}"), space_id=of.id, actor=actor, role=role)
