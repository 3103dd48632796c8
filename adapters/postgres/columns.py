"""The columns that tables are made of, and how their constraints are named."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Computed, DateTime, ForeignKey, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.types import UserDefinedType

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's `xid8`: a transaction id that never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the name of the type."""
        return "xid8"


def id_column() -> Column[object]:
    """Return the primary key."""
    return Column("id", Uuid, primary_key=True)


def version_column() -> Column[object]:
    """Return the version, which grows with every change."""
    return Column("version", BigInteger, nullable=False)


def text_column(name: str, *, nullable: bool = False) -> Column[object]:
    """Return a column of text."""
    return Column(name, Text, nullable=nullable)


def reference(table: str, *, nullable: bool = False) -> Column[object]:
    """Return a reference to a row of `table`: kit_id for kits."""
    return Column(f"{table.rstrip('s')}_id", ForeignKey(f"{table}.id"), nullable=nullable)


def time_column(name: str, *, nullable: bool = True) -> Column[object]:
    """Return a column of times, with their zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def one_of(column: str, *values: str) -> CheckConstraint:
    """Return the constraint that a column holds one of these values."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({allowed})", name=column)


def word_columns() -> tuple[Column[object], Column[object]]:
    """Return what search reads of a name: its words, folded, and these with their stems."""
    folded: Column[object] = Column("folded", Text(collation="C"), Computed("search_fold(name)", persisted=True))
    return folded, Column("words", TSVECTOR, Computed("search_words(name)", persisted=True))
