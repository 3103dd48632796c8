"""Search in PostgreSQL."""

from adapters.memory.search import MemorySearch


class PostgresSearch(MemorySearch):
    def __init__(self, unit: object, actor: str) -> None: ...
