"""A proxy before PostgreSQL that loses connections at the commit, as a network does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import URL

SOCKET = ".s.PGSQL.5432"


@dataclass
class LossyProxy:
    """`lose` says what happens to the next COMMIT: nothing, lost on its way there, or its answer on the way back."""

    url: URL
    lose: Literal["nothing", "commit", "answer"] = "nothing"
    refuse: bool = False

    async def serve(self, server: Path, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self.refuse:
            back.close()
            return
        reader, writer = await asyncio.open_unix_connection(str(server / SOCKET))
        with suppress(OSError):
            answers = asyncio.create_task(_pump(reader, back))
            while data := await client.read(65_536):
                committing = b"commit\0" in data and self.lose != "nothing"
                if committing:
                    answers.cancel()
                if not (committing and self.lose == "commit"):
                    writer.write(data)
                    await writer.drain()
                if committing:
                    self.lose = "nothing"
                    break
            answers.cancel()
        writer.close()
        back.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def lossy_proxy(url: URL, folder: Path) -> AsyncIterator[LossyProxy]:
    """Yield a proxy before the server at `url`, its own socket in `folder`."""
    proxy = LossyProxy(url.update_query_dict({"host": str(folder)}))
    server = Path(str(url.query["host"]))
    listening = await asyncio.start_unix_server(
        lambda reader, writer: proxy.serve(server, reader, writer), str(folder / SOCKET)
    )
    try:
        yield proxy
    finally:
        listening.close()
        with suppress(FileNotFoundError):
            (folder / SOCKET).unlink()
