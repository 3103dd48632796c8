"""What a file is, by its bytes and not by its name, and how much of it the service takes."""

import re
import warnings
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import BinaryIO

from adapters.files.svg import check_svg
from ports.files import FileRefused, FileTooLarge

SVG, ZIP = "image/svg+xml", "application/zip"
SIGNATURES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "image/gif": re.compile(rb"GIF8[79]a"),
    ZIP: re.compile(rb"PK(?:\x03\x04|\x05\x06)"),
}
SVG_TAG = re.compile(rb"<(?:[\w.-]+:)?svg[\s/>]")
HEAD_BYTES = 64 * 1024
BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class FileLimits:
    """How much a file store takes: bytes in a file, bytes in an SVG file, pixels (width x height) in an image.

    Of an archive: how many entries, folders among them, and how many bytes they may unpack to, all together.
    """

    max_file_bytes: int = 32 * 2**20
    max_svg_bytes: int = 4 * 2**20
    max_image_pixels: int = 2**26
    max_entries: int = 10_000
    max_unpacked_bytes: int = 256 * 2**20


async def blocks(chunks: AsyncIterator[bytes], *, limits: FileLimits) -> AsyncGenerator[bytes, None]:
    """Yield the same bytes in pieces worth a write. Raise `FileTooLarge` as soon as there are too many."""
    size, block = 0, bytearray()
    async for chunk in chunks:
        size += len(chunk)
        if size > limits.max_file_bytes:
            raise FileTooLarge(limit=limits.max_file_bytes)
        block += chunk
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def looks_like(head: bytes) -> str | None:
    """Return the media type that a file's first bytes promise, or None for what is never kept."""
    for media_type, signature in SIGNATURES.items():
        if signature.match(head):
            return media_type
    # UTF-16 has a zero byte beside every ASCII character, and a byte order mark may stand first.
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    return SVG if text.startswith(b"<") and SVG_TAG.search(text) else None


def media_type_of(file: BinaryIO, *, limits: FileLimits) -> str:
    """Return the media type of what `file` holds from its beginning to its end.

    Raise `FileRefused` for what is of no kind that is kept, not whole, or not safe; `FileTooLarge` for a large SVG.
    """
    file.seek(0)
    media_type = looks_like(file.read(HEAD_BYTES))
    file.seek(0)
    if media_type is None:
        raise FileRefused(reason="The file is neither SVG, PNG, JPEG, WebP or GIF, nor a ZIP archive.")
    if media_type == ZIP:
        _check_zip(file)
    elif media_type == SVG:
        _check_svg(file, limits=limits)
    else:
        _check_raster(file, media_type, limits=limits)
    return media_type


def _check_zip(file: BinaryIO) -> None:
    if not zipfile.is_zipfile(file):
        raise FileRefused(reason="The ZIP archive is damaged.")


def _check_svg(file: BinaryIO, *, limits: FileLimits) -> None:
    text = file.read(limits.max_svg_bytes + 1)
    if len(text) > limits.max_svg_bytes:
        raise FileTooLarge(limit=limits.max_svg_bytes)
    check_svg(text)


def _check_raster(file: BinaryIO, media_type: str, *, limits: FileLimits) -> None:
    kind = media_type.removeprefix("image/").upper()
    try:
        # Its header and checksums only: the pixels of a small file can take a thousand times its size.
        with _pillow().open(file, formats=(kind,)) as image:
            pixels = image.width * image.height
            image.verify()
    except Exception as error:  # hostile bytes make Pillow raise nearly anything
        raise FileRefused(reason=f"The {kind} image is damaged, or far too large.") from error
    if pixels > limits.max_image_pixels:
        raise FileRefused(reason=f"The {kind} image has more than {limits.max_image_pixels} pixels.")


@cache
def _pillow() -> ModuleType:
    """Import Pillow when the first image comes; from then on its warnings are errors, about bombs and damage alike."""
    from PIL import Image  # noqa: PLC0415 - a service that keeps only SVG files need not pay for it

    warnings.filterwarnings("error", module=r"PIL\.")
    return Image
