"""Files over HTTP: their bytes go past the actions, what is on record of them does not."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import StreamingResponse

from adapters.files.content import SIGNATURES, SVG
from ports.checkpoint import ScopeMissing
from ports.files import FileNotStored, FileRefused, FileStore, FileTooLarge
from ports.unit_of_work import OutcomeUnknown
from service.http.answers import answer
from service.http.headers import has_seen
from service.http.limits import chunks_of, length_of
from service.http.openapi.answers import OF_EVERY_ACTION, answering
from service.http.providers import RunnerOf, provide_files

router = APIRouter(tags=["file"])
FilesOf = Annotated[FileStore, Depends(provide_files)]
KEPT = (SVG, *SIGNATURES)
INERT = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
PathOf = Annotated[str, Path(description="Its SHA-256.", json_schema_extra={"pattern": "^[0-9a-f]{64}$"})]
ETAG = {"ETag": {"$ref": "#/components/headers/ETag"}}
BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


@router.post(
    "/files",
    operation_id="upload_file",
    summary="Upload a file.",
    response_description="The file is kept.",
    responses={200: {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/FileRecord"}}}}},
    openapi_extra=answering(*OF_EVERY_ACTION, OutcomeUnknown, FileTooLarge, FileRefused)
    | {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}},
)
async def upload_file(request: Request, runner: RunnerOf, files: FilesOf) -> Response:
    """Keep the body, an image or a ZIP archive of images, and answer its SHA-256, by which arguments name it."""
    if not runner.caller.may("file.upload"):
        raise ScopeMissing(permission="file.upload")
    settings = runner.service.settings
    if length_of(request) > settings.max_file_bytes:
        raise FileTooLarge(limit=settings.max_file_bytes)
    file = await files.add(chunks_of(request))
    return answer(await runner.run("record_upload", vars(file), internal=True))


@router.get(
    "/files/{sha256}",
    operation_id="download_file",
    summary="Download a file.",
    response_class=Response,
    response_description="Its bytes.",
    responses={200: {"content": dict.fromkeys(KEPT, BINARY), "headers": ETAG}},
    openapi_extra=answering(*OF_EVERY_ACTION, FileNotStored),
)
async def download_file(request: Request, sha256: PathOf, runner: RunnerOf, files: FilesOf) -> Response:
    """Answer the bytes of a file that you uploaded, or that an asset holds which you may see."""
    found = await runner.run("find_file", {"sha256": sha256}, internal=True)
    if found.problem is not None:
        return answer(found)
    file, etag = found.output, f'"{sha256}"'
    if has_seen(request, etag):
        return Response(status_code=304, headers={"etag": etag, "cache-control": "private, no-cache"})
    chunks = files.read(sha256)
    first = await anext(chunks, b"")  # a file that is gone is a problem before there is an answer
    headers = {
        **INERT,
        "content-length": str(file.size),
        "etag": etag,
        "cache-control": "private, no-cache",
    }
    return StreamingResponse(_after(first, chunks), headers=headers, media_type=file.media_type)


async def _after(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in chunks:
        yield chunk
