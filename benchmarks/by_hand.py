"""The alternative: the same use cases as hand-written FastAPI routes, in the way of its documentation."""

from collections.abc import AsyncIterator
from time import perf_counter
from typing import Annotated, Any
from uuid import UUID, uuid4

import structlog
from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ports.action import Caller
from service.composition import Service


class EchoIn(BaseModel):
    """The arguments of echo."""

    space_id: UUID
    name: Annotated[str, Field(min_length=1, max_length=80)]
    visibility: str = "private"
    labels: dict[str, str] = {}


class EchoOut(BaseModel):
    """The output of echo."""

    space_id: UUID
    name: str
    visibility: str
    labels: dict[str, str]


class KitIn(BaseModel):
    """The arguments of create_kit."""

    space_id: UUID
    name: Annotated[str, Field(min_length=1, max_length=80)]
    visibility: str = "private"


class KitOut(BaseModel):
    """The output of create_kit."""

    id: UUID
    version: int
    space_id: UUID
    name: str
    visibility: str


class Base(DeclarativeBase):
    """The ORM's tables."""


class KitRow(Base):
    """A kit."""

    __tablename__ = "kits"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    version: Mapped[int] = mapped_column(default=1)
    space_id: Mapped[UUID]
    name: Mapped[str]
    visibility: Mapped[str]


class MemberRow(Base):
    """A member."""

    __tablename__ = "members"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    space_id: Mapped[UUID]
    actor: Mapped[str]
    role: Mapped[str]


def create_app(service: Service) -> FastAPI:
    """Return the routes: echo writes the same two records and knows no caller, create_kit knows its by the token."""
    app, log = FastAPI(), structlog.get_logger()
    sessions = async_sessionmaker(service.engine, expire_on_commit=False)

    async def caller(request: Request) -> Caller:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return await service.identity.caller(token, entry_point="http")

    async def session() -> AsyncIterator[AsyncSession]:
        async with sessions() as opened:
            yield opened

    async def adapter() -> AsyncIterator[Service]:
        yield service

    @app.post("/echo")
    async def echo(body: EchoIn, _: Annotated[Service, Depends(adapter)]) -> EchoOut:
        started, same = perf_counter(), {"action": "echo", "execution_id": uuid4(), "trace_id": ""}
        who = {"actor": "owner", "via": None, "entry_point": "http", "parent": None, "dry_run": False}
        log.info("action.submitted", **same, **who, arguments=body.model_dump(mode="json"))
        out = EchoOut(space_id=body.space_id, name=body.name, visibility=body.visibility, labels=body.labels)
        milliseconds = round((perf_counter() - started) * 1000, 3)
        ended: dict[str, object] = {"state": "succeeded", "problem": None, "milliseconds": milliseconds}
        ended |= {"dry_run": False, "replayed": False}
        log.info("action.completed", **same, **ended, arguments=body.model_dump(mode="json"))
        return out

    @app.post("/kits")
    async def create_kit(
        body: KitIn, by: Annotated[Caller, Depends(caller)], session: Annotated[AsyncSession, Depends(session)]
    ) -> KitOut:
        found = await session.execute(
            select(MemberRow).where(MemberRow.space_id == body.space_id, MemberRow.actor == by.actor)
        )
        member = found.scalar_one_or_none()
        if member is None or member.role == "viewer":
            raise HTTPException(403)
        kit = KitRow(space_id=body.space_id, name=body.name, visibility=body.visibility)
        session.add(kit)
        await session.commit()
        return KitOut(id=kit.id, version=kit.version, space_id=kit.space_id, name=kit.name, visibility=kit.visibility)

    _: Any = (echo, create_kit)
    return app
