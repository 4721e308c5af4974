"""Compressed files: gzip opened in pieces, so that half of one, or a bomb, is named."""

import zlib

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
    pieces: list[bytes] = []
    size = 0
    while content:
        stream = zlib.decompressobj(wbits=31)
        try:
            while not stream.eof:
                piece = stream.decompress(content, _PIECE)
                content = stream.unconsumed_tail
                size += len(piece)
                if size > limit:
                    raise TooLarge(params={"limit": limit // 1024**2})
                pieces.append(piece)
                if not piece and not content and not stream.eof:
                    raise HalfAFile(detail="The gzip stream breaks off before its end.")
        except zlib.error as error:
            raise HalfAFile(detail="The gzip stream is damaged.") from error
        content = stream.unused_data.lstrip(b"\0")
    return b"".join(pieces)
