"""The tables of the search engine's indexes: where each is in the stream of changes, and the versions of documents.

The vocabulary is of the names in this database, by whatever engine they are searched.
"""

from sqlalchemy import BigInteger, Column, Identity, Index, SmallInteger, Table, Text, Uuid, func, text

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
vocabulary = Table(
    "vocabulary",  # a word that is not in it was never in a name, and one that is may no longer be in any
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("word", Text(collation="C"), nullable=False),
)
Index("ix_vocabulary_word", vocabulary.c.word)
Index("ix_vocabulary_close", func.search_shortened(vocabulary.c.word), postgresql_using="gin")
