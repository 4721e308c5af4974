"""XML that cannot harm: no entities, no document type, no network, and a limit on what unpacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from origination.problems import HalfAFile, NotATape, TooLarge


class Limited:
    """A stream that refuses to give more than `limit` bytes: an archive may lie about its size."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._left, self._limit = stream, limit, limit

    def read(self, size: int = -1) -> bytes:
        """Like the stream's own."""
        piece = self._stream.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge(params={"limit": self._limit // 1024**2})
        return piece


def elements(stream: Any, events: tuple[str, ...], tag: object = None) -> Iterator[Any]:
    """(event, element) of a document as it is read; elements are the caller's to clear.

    Raises `NotATape` for a document type or an entity (both can make a small file a huge one, or
    read what is not theirs), `HalfAFile` where the XML breaks off or is not well formed.
    """
    parser = etree.iterparse(
        stream,
        events=("start", *events),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
    )
    is_first = True
    try:
        for event, element in parser:
            if is_first:
                _refuse_doctype(element)
                is_first = False
            if not isinstance(element.tag, str):
                raise _entity()
            if event in events and (tag is None or element.tag == tag):
                yield event, element
    except etree.XMLSyntaxError as error:
        if any(found.type == etree.ErrorTypes.ERR_UNDECLARED_ENTITY for found in parser.error_log):
            raise _entity() from error
        raise HalfAFile(
            detail="The XML breaks off or is not well formed (line %(line)s).",
            params={"line": error.lineno or 1},
        ) from error


def release(element: Any) -> None:
    """Let go of an element that was read, and of those before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _refuse_doctype(element: Any) -> None:
    if element.getroottree().docinfo.doctype:
        raise NotATape(detail="The XML declares a document type, which no tape needs.")


def _entity() -> NotATape:
    return NotATape(detail="The XML uses an entity, which no tape needs.")
