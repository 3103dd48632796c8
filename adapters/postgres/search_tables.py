"""The tables of the search engine's indexes: where each is in the stream of changes, and the versions of documents."""

from sqlalchemy import BigInteger, Column, SmallInteger, Table, Text, Uuid, text

from adapters.postgres.columns import METADATA, TransactionId, one_of, text_column, time_column

search_indexes = Table(
    "search_indexes",
    METADATA,
    Column("name", Text, primary_key=True),
    text_column("state"),
    Column("transaction_id", TransactionId, nullable=False),
    Column("change_id", BigInteger, nullable=False),
    text_column("filling", nullable=True),
    Column("filled_id", Uuid),
    Column("filled", BigInteger, nullable=False, server_default=text("0")),
    time_column("reached_at", nullable=False),
    one_of("state", "building", "live", "retired"),
)
search_versions = Table(
    "search_versions",
    METADATA,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
)
