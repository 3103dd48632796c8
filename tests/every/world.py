"""A small world in PostgreSQL: two sides that know nothing of each other, each with one of everything."""

import io
import zipfile
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.memory.logger import MemoryLogger
from adapters.postgres.columns import METADATA
from ports.action import ActorKind, Caller
from ports.files import File
from ports.library import Role
from ports.sharing import LINK_SCOPES, SHARE
from service.composition import Service
from service.runner import ActionRunner

NOWHERE = "00000000-0000-7000-8000-000000000000"
NO_FILE = "0" * 64
NOBODY, LINK, OPERATOR = "nobody", "link", "operator"
OTHER = "Other"
ROLES: Sequence[Role] = ("viewer", "editor", "admin", "owner")
OPERATORS_SCOPES = (
    "*", "execution.cancel_any", "execution.read_all", "file.sweep", "index.read", "index.rebuild",
    "index.verify", "ledger.expire", "ledger.prune", "schedule.read", "schedule.run", "share.expire", "worker.read",
)  # fmt: skip
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>{}</title></svg>'


@dataclass(frozen=True, kw_only=True)
class Side:
    """A space and what is in it, by ids. What is not called Other is called by the side's word, as are its people.

    In the kit are the sections `section` with `asset`, `busy` (Other) with `twin` and an asset Other, and `empty`. In
    its trash are `removed`, which was in `section`, and `orphan`, whose section is gone. The kit `attic` (Other) is
    archived, with a section and an asset. There are a tag and a space Other. The four have all uploaded `archive`.
    Of the executions, `waiting` is queued and nobody takes it, and `rejected` made no second kit of that name.
    """

    word: str
    space: str
    tag: str
    kit: str
    section: str
    busy: str
    empty: str
    asset: str
    twin: str
    removed: str
    orphan: str
    attic: str
    attic_section: str
    attic_asset: str
    file: str
    twin_file: str
    archive: str
    share: str
    share_token: str
    invitation_token: str
    execution: str
    waiting: str
    rejected: str

    def who(self, role: str) -> str:
        """The actor who has a role; the `mate` is one more viewer."""
        return f"{self.word}.{role}"

    @property
    def link(self) -> str:
        """The actor who is the link to the kit."""
        return f"{SHARE}{self.share}"


@dataclass(frozen=True, kw_only=True)
class World:
    """Both sides; a stranger is the owner of theirs, a link is ours, and an operator is no member of anything."""

    ours: Side
    theirs: Side

    def actor(self, who: str) -> str:
        """Who is meant by a role on our side, `stranger`, `nobody`, `link` or `operator`."""
        apart = {"stranger": self.theirs.who("owner"), NOBODY: NOBODY, LINK: self.ours.link, OPERATOR: OPERATOR}
        return apart.get(who) or self.ours.who(who)


def scopes_of(actor: str) -> Collection[str]:
    """What the credentials of an actor allow."""
    if actor.startswith(SHARE):
        return LINK_SCOPES
    return OPERATORS_SCOPES if actor == OPERATOR else ("*",)


def caller_of(actor: str, *scopes: str) -> Caller:
    kind: ActorKind = "link" if actor.startswith(SHARE) else "person"
    return Caller(actor=actor, scopes=frozenset(scopes or scopes_of(actor)), kind=kind)


def runner_of(service: Service, actor: str, *scopes: str) -> ActionRunner:
    return ActionRunner(service, caller_of(actor, *scopes), replaced={"logger": MemoryLogger()})


class Furnisher:
    """Makes a side by the actions that every caller has."""

    def __init__(self, service: Service, word: str) -> None:
        self.service, self.word = service, word

    async def act(self, action: str, /, by: str = "owner", **arguments: object) -> Any:
        return await runner_of(self.service, f"{self.word}.{by}").execute(action, arguments)

    async def upload(self, content: bytes, *people: str) -> File:
        file = await self.service.files.add(_whole(content))
        for who in people:
            await self.act("record_upload", by=who, **vars(file))
        return file

    async def place(self, section: Any, image: str, *, name: str | None = None) -> Any:
        file = await self.upload(SVG.format(f"{self.word} {image}").encode(), "owner")
        return await self.act("add_asset", section_id=section.id, name=name or self.word, file=file.sha256)

    async def side(self) -> Side:
        space = await self.act("create_space", name=self.word)
        await self.act("create_space", name=OTHER)
        roles: dict[str, str] = {role: role for role in ROLES if role != "owner"} | {"mate": "viewer"}
        for name, role in roles.items():
            await self.act("add_member", space_id=space.id, actor=f"{self.word}.{name}", role=role)
        invitation = await self.act("invite_member", space_id=space.id, role="editor")
        archive = await self.upload(_archive(self.word), *ROLES)
        ids = {"space": space.id, **await self.kit(space), **await self.attic(space)}
        share = await self.act("share_kit", kit_id=ids["kit"])
        created = await self.act("list_executions", space_id=space.id, action="create_kit", state="succeeded")
        waiting, rejected = await self.not_done(space)
        return Side(
            **{name: str(value) for name, value in ids.items()},
            word=self.word,
            archive=archive.sha256,
            invitation_token=invitation.token,
            share=str(share.share.id),
            share_token=share.token,
            execution=str(created.items[0].id),
            waiting=str(waiting),
            rejected=str(rejected),
        )

    async def not_done(self, space: Any) -> tuple[UUID, UUID]:
        """An execution that waits for a worker, and one that was rejected."""
        runner = runner_of(self.service, f"{self.word}.owner")
        waiting = await runner.enqueue("create_kit", {"space_id": space.id, "name": "Waiting"})
        await runner.run("create_kit", {"space_id": space.id, "name": self.word}, key="once")
        [rejected] = (await self.act("list_executions", space_id=space.id, state="rejected")).items
        return waiting, rejected.id

    async def kit(self, space: Any) -> dict[str, object]:
        kit = await self.act("create_kit", space_id=space.id, name=self.word)
        gone, section, busy, empty = [
            await self.act("add_section", kit_id=kit.id, name=name) for name in ("Gone", self.word, OTHER, "Empty")
        ]
        removed = await self.place(section, "removed")
        await self.act("remove_asset", asset_id=removed.id)
        orphan = await self.place(gone, "orphan")
        await self.act("remove_section", section_id=gone.id, assets="trash")
        asset, twin = await self.place(section, "asset"), await self.place(busy, "twin")
        await self.place(busy, "other", name=OTHER)
        tag = await self.act("tag_asset", asset_id=asset.id, tag=self.word)
        await self.act("tag_asset", asset_id=asset.id, tag=OTHER)
        return {
            "kit": kit.id, "tag": tag.id, "section": section.id, "busy": busy.id, "empty": empty.id,
            "asset": asset.id, "twin": twin.id, "removed": removed.id, "orphan": orphan.id,
            "file": asset.sha256, "twin_file": twin.sha256,
        }  # fmt: skip

    async def attic(self, space: Any) -> dict[str, object]:
        kit = await self.act("create_kit", space_id=space.id, name=OTHER)
        section = await self.act("add_section", kit_id=kit.id, name=self.word)
        asset = await self.place(section, "attic")
        await self.act("archive_kit", kit_id=kit.id)
        return {"attic": kit.id, "attic_section": section.id, "attic_asset": asset.id}


class Keeper:
    """Keeps states of the whole database by name, and puts it back into one: a tenth of what a clone costs."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._kept: tuple[str, object] = ("", None)

    async def holds(self, name: str) -> bool:
        """Whether nothing has changed since that was put back; there may be more executions that changed nothing."""
        return self._kept == (name, await self._newest_change())

    async def keep(self, name: str) -> None:
        tables = [f"create table {name}.{table} as table public.{table}" for table in METADATA.tables]
        await self._run(f"create schema {name}", *tables)

    async def restore(self, name: str) -> None:
        """Put everything back; no trigger of a foreign key fires meanwhile, so that any order will do."""
        deleted = [f"delete from public.{table}" for table in METADATA.tables]
        filled = [
            f"insert into public.{table} ({kept}) overriding system value select {kept} from {name}.{table}"
            for table, kept in ((table.name, _kept(table)) for table in METADATA.tables.values())
        ]
        await self._run("set session_replication_role = replica", *deleted, *filled)
        self._kept = (name, await self._newest_change())

    async def _newest_change(self) -> object:
        return await (await self._driver()).fetchval("select max(id) from changes")

    async def _run(self, *statements: str) -> None:
        await (await self._driver()).execute("; ".join(statements))

    async def _driver(self) -> Any:
        return (await self._connection.get_raw_connection()).driver_connection


def _kept(table: Table) -> str:
    """The columns that are not made of others."""
    return ", ".join(column.name for column in table.columns if column.computed is None)


def _archive(word: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Icons/new.svg", SVG.format(f"{word} new"))
    return packed.getvalue()


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
