"""Files that are handed out piece by piece, whichever way the request came."""

from collections.abc import AsyncIterator
from typing import BinaryIO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest

PIECE = 1 << 16  # bytes; what Django's ASGI handler sends at once


def file_download(request: HttpRequest, stream: BinaryIO, name: str) -> FileResponse:
    """Bytes from where `stream` stands, saved as `name`; the stream is closed at the end.

    Under ASGI Django would collect a synchronous iterator whole before it sends anything.
    """
    response = FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/octet-stream"
    )
    if isinstance(request, ASGIRequest):
        response.streaming_content = _pieces(stream)
    return response


async def _pieces(stream: BinaryIO) -> AsyncIterator[bytes]:
    read = sync_to_async(stream.read, thread_sensitive=False)  # not behind other requests' views
    while piece := await read(PIECE):
        yield piece
