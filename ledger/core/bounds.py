"""What one JSON text may hold, looked at before it is parsed: memory of a small multiple of it.

Nested lists take 20 times the room of their text, short texts 15 times; a compressed batch another
thousand. The bounds leave all that honest files need (docs/bundle-format.md), and both verifiers
have the same. Time is linear and memory constant: the patterns never go back (possessive).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ledger.core.errors import MalformedError

#: 64 MiB: what a batch of items may unpack to, and a title proof's size.
MAX_JSON_BYTES = 1 << 26
#: Lists and mappings: three for each of a title proof's 20,000 answers, and more.
MAX_NESTED = 1 << 18
#: Texts, names among them: at 16 bytes each with its share of the rest they fill 64 MiB.
MAX_TEXTS = 1 << 22
#: Nothing of so few bytes can hold too much.
_SMALL = 2 * MAX_NESTED

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_text = re.compile(_STRING, re.DOTALL)
_piece = re.compile(rb'(?:[^"]++|%b){1,65535}+' % _STRING, re.DOTALL)


def pieces(data: bytes) -> Iterator[tuple[int, bytes] | None]:
    """How many texts stand in each piece of JSON, and what stands outside of them.

    None at the end where a text does not close.
    """
    at = 0
    while found := _piece.match(data, at):
        bare, texts = _text.subn(b"", data[at : found.end()])
        at = found.end()
        yield texts, bare
    if at < len(data):
        yield None


def check_bounds(data: bytes) -> None:
    """Raise `MalformedError` for JSON of more bytes, texts, or lists and mappings than allowed."""
    if len(data) < _SMALL:
        return
    if len(data) > MAX_JSON_BYTES:
        raise MalformedError(f"JSON of more than {MAX_JSON_BYTES} bytes")
    opened, quotes = data.count(b"[") + data.count(b"{"), data.count(b'"')
    if opened <= MAX_NESTED and quotes <= 2 * MAX_TEXTS:
        return  # nearly always: what stands within texts is counted too
    texts = opened = 0
    for piece in pieces(data):
        if piece is None:
            return  # a text does not close: the parser will say so
        texts += piece[0]
        opened += piece[1].count(b"[") + piece[1].count(b"{")
        if texts > MAX_TEXTS or opened > MAX_NESTED:
            raise MalformedError(
                f"JSON of more than {MAX_TEXTS} texts or {MAX_NESTED} lists and mappings"
            )
