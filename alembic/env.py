"""How migrations run: on the connection that `actionbus migrate` opened, or on the owner's by the alembic command."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.columns import TransactionId
from adapters.postgres.tables import spaces
from service.database import opened_database
from service.settings import load_settings

ischema_names["xid8"] = TransactionId  # so that the type is known when a database is compared with the models


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=spaces.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_as_owner() -> None:
    async with opened_database(load_settings()) as database:
        if database.owner is None:
            raise SystemExit("Set ACTIONBUS_OWNER_DATABASE_URL to the role that owns the tables.")
        engine = create_async_engine(database.owner)
        async with engine.connect() as connection:
            await connection.run_sync(run)
        await engine.dispose()


if connection := context.config.attributes.get("connection"):
    run(connection)
else:
    asyncio.run(run_as_owner())
