"""Compressed files: gzip opened in pieces, so that half of one, or a bomb, is named."""

import tempfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO

from origination.problems import HalfAFile, TooLarge

GZIP_MAGIC = b"\x1f\x8b"
MAX_BYTES = 256 * 1024**2  # held in memory twice while it is put together
_PIECE = 1 << 20


def unpacked(content: bytes, *, limit: int = MAX_BYTES) -> bytes:
    """The content, decompressed where it is gzip (RFC 1952, several members one after another).

    Raises `HalfAFile` where the stream breaks off or is damaged (its checksum is part of the
    format), `TooLarge` where more than `limit` bytes come out of it.
    """
    if not content.startswith(GZIP_MAGIC):
        return content
    return b"".join(_members(iter([content]), limit))


def unpacked_file(stream: IO[bytes], *, limit: int) -> IO[bytes]:
    """The stream itself, or what a gzip stream holds as a temporary file; both at their start."""
    stream.seek(0)
    is_gzip = stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    stream.seek(0)
    if not is_gzip:
        return stream
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the tape that reads it)
    for piece in _members(pieces_of(stream), limit):
        file.write(piece)
    file.seek(0)
    return file


def pieces_of(stream: IO[bytes], size: int = _PIECE) -> Iterator[bytes]:
    """A stream from where it stands, piece by piece."""
    while piece := stream.read(size):
        yield piece


def _members(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """What comes out of gzip members, at most a piece at a time."""
    source, content, size = iter(pieces), b"", 0
    while content := content or next(source, b""):
        stream = zlib.decompressobj(wbits=31)
        try:
            while not stream.eof:
                piece = stream.decompress(content, _PIECE)
                content = stream.unconsumed_tail
                size += len(piece)
                if size > limit:
                    raise TooLarge(params={"limit": limit // 1024**2})
                yield piece
                if stream.eof or content:
                    continue
                content = next(source, b"")
                if not piece and not content:
                    raise HalfAFile(detail="The gzip stream breaks off before its end.")
        except zlib.error as error:
            raise HalfAFile(detail="The gzip stream is damaged.") from error
        content = stream.unused_data.lstrip(b"\0")
