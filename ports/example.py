"""The example: a small library of which every example in the OpenAPI document is true."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from types import MappingProxyType
from uuid import UUID
from zipfile import ZipFile, ZipInfo

from ports.entity import Entity
from ports.files import File
from ports.history import ExecutionRecord
from ports.library import Asset, Kit, Member, Section, Space, Upload
from ports.sharing import SHARE_TOKEN, Invitation, Share, hash_of
from ports.tags import Tag
from ports.workers import WorkerRecord

AT = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2099, 1, 1, tzinfo=UTC)
ACTOR = "grace"
TOKEN = "the-token-that-was-told-once"  # noqa: S105 - it opens nothing but the example
LINK = f"{SHARE_TOKEN}{TOKEN}"

IMAGE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M5 12h14m-7-7 7 7-7 7"/></svg>'


def _id(number: int) -> UUID:
    return UUID(int=0x019B76DA_A800_7000_8000_000000000000 + number)


def _archive() -> bytes:
    entry = ZipInfo("Arrows/arrow-up.svg")
    entry.create_system = 3  # the same bytes on every system
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr(entry, IMAGE)
    return packed.getvalue()


ARCHIVE = _archive()
FILE = File(sha256=sha256(IMAGE).hexdigest(), size=len(IMAGE), media_type="image/svg+xml")
ARCHIVE_FILE = File(sha256=sha256(ARCHIVE).hexdigest(), size=len(ARCHIVE), media_type="application/zip")

SPACE = Space(id=_id(1), name="Studio", created_by=ACTOR)
MEMBER = Member(id=_id(2), space_id=SPACE.id, actor=ACTOR, role="owner")
KIT = Kit(id=_id(3), space_id=SPACE.id, name="Interface")
SECTION = Section(id=_id(4), space_id=SPACE.id, kit_id=KIT.id, name="Arrows", position=0)
ASSET = Asset(
    id=_id(5), space_id=SPACE.id, kit_id=KIT.id, section_id=SECTION.id, name="arrow.svg", **vars(FILE)
)  # fmt: skip
TAG = Tag(id=_id(6), space_id=SPACE.id, name="navigation")
SHARE = Share(id=_id(7), space_id=SPACE.id, kit_id=KIT.id, shared_by=ACTOR, token_hash=hash_of(LINK), expires_at=LATER)
INVITATION = Invitation(
    id=_id(8), space_id=SPACE.id, role="editor", invited_by=ACTOR, token_hash=hash_of(TOKEN), expires_at=LATER
)
EXECUTION = ExecutionRecord(
    id=_id(9),
    action="create_space",
    state="succeeded",
    space_id=None,
    actor=ACTOR,
    actor_name=None,
    via=None,
    entry_point="http",
    parent_id=None,
    submitted_at=AT,
    finished_at=AT,
    problem_code=None,
    trace_id=_id(9).hex,
    arguments={"name": SPACE.name},
    output={"id": str(SPACE.id), "version": 1, "name": SPACE.name, "created_by": ACTOR},
    problem=None,
    run_at=None,
    started_at=AT,
    attempt=1,
    failures=[],
    progress=None,
    queue="default",
    priority=0,
    retry_of=None,
    worker_id=None,
    cancel_requested=False,
)
WORKER = WorkerRecord(
    id=_id(12), host="worker-1", pid=4711, queues=["default"], capacity=10, running=3, stopping=False, started_at=AT,
    seen_at=AT,
)  # fmt: skip
WAITING, REJECTED = _id(13), _id(14)  # executions as well, the one not to be run before `LATER`
ENTITIES: tuple[Entity, ...] = (SPACE, MEMBER, KIT, SECTION, ASSET, TAG, SHARE, INVITATION)
UPLOADS = (
    Upload(id=_id(10), actor=ACTOR, uploaded_at=AT, **vars(FILE)),
    Upload(id=_id(11), actor=ACTOR, uploaded_at=AT, **vars(ARCHIVE_FILE)),
)

# What is an example of its own type, and the values of fields and arguments by their names: its fields', too.
THINGS: tuple[object, ...] = (*ENTITIES, FILE, EXECUTION, WORKER)
WORDS: Mapping[str, object] = MappingProxyType(
    {"token": TOKEN, "file": FILE.sha256, "archive": ARCHIVE_FILE.sha256, "tag": TAG.name, "tags": [TAG.name]}
)
