"""Leftovers: what was uploaded and is used by nothing."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from ports.library import Upload


class Leftovers(Protocol):
    """Uploads and files that nothing holds, asked of all spaces at once: it knows nothing of permissions."""

    async def uploads(self, *, before: datetime, limit: int) -> list[Upload]:
        """Return some of the uploads last made before that time whose files no asset holds."""
        ...

    async def unnamed(self, sha256s: Collection[str], /) -> set[str]:
        """Return those of these files that no upload and no asset names, as far as committed."""
        ...
