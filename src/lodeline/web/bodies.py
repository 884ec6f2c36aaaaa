"""Bodies of requests, taken to rest without blocking other callers and without more memory than stated."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from litestar.exceptions import InternalServerException

from lodeline.errors import RequestError
from lodeline.web.serving import serving

if TYPE_CHECKING:
    from litestar import Request

IN_MEMORY_BYTES = 1 << 20
"""A body up to this size stays in memory; a larger one goes to a temporary file."""


@asynccontextmanager
async def body(request: Request[Any, Any, Any], *, largest: int) -> AsyncIterator[BinaryIO]:
    """The body of a request as a file at its beginning; gone at the end.

    Args:
        largest: Bytes.

    Raises:
        RequestError: ``http.too_large``, ``http.body_slow``, ``http.body_cut``.
    """
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said) > largest:
        raise _too_large(largest)
    held = serving(request)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, prefix="lodeline-") as spooled:
        file = cast(BinaryIO, spooled)
        try:
            async with asyncio.timeout(held.settings.body_wait_s):
                await _receive(request, file, largest)
        except InternalServerException as gone:
            # So the framework calls a caller who hung up; it is no fault of ours.
            raise RequestError("http.body_cut", "The connection ended before the body did; send it again.") from gone
        except TimeoutError as slow:
            raise RequestError("http.body_slow", "The body did not come in time; send it faster, or less.") from slow
        file.seek(0)
        yield file


async def _receive(request: Request[Any, Any, Any], file: BinaryIO, largest: int) -> None:
    off_loop = serving(request).off_loop
    size, waiting, waiting_size = 0, [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest:
            raise _too_large(largest)
        waiting.append(chunk)
        waiting_size += len(chunk)
        if waiting_size >= IN_MEMORY_BYTES:
            # Only now can a disk be touched.
            piece = b"".join(waiting)
            await off_loop(lambda piece=piece: file.write(piece))  # type: ignore[misc]
            waiting, waiting_size = [], 0
    file.write(b"".join(waiting)) if size < IN_MEMORY_BYTES else await off_loop(lambda: file.write(b"".join(waiting)))


def _too_large(largest: int) -> RequestError:
    return RequestError(
        "http.too_large",
        f"A body has at most {largest} bytes here; send it in parts (GS1-EPCIS-Capture-File-Size-Limit).",
        limit_bytes=largest,
    )
