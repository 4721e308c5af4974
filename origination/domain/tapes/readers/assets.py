"""ABS-EE EX-102 of automobile leases (17 CFR 229.1125, Schedule AL, Item 4), asset by asset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, Final

import polars as pl
from lxml import etree

from origination.domain.tapes.autolease import ELEMENTS, NAMESPACE
from origination.domain.tapes.readers.guarded import Limited, elements, release
from origination.domain.tapes.readers.shape import CHUNK_ROWS, MAX_BYTES, TapeText
from origination.problems import NotATape

_ASSET: Final = f"{{{NAMESPACE}}}assets"
_PLACES: Final = {f"{{{NAMESPACE}}}{name}": place for place, name in enumerate(ELEMENTS)}


def read_assets(stream: IO[bytes]) -> TapeText:
    """An EX-102 file of leases; `NotATape` names another root, or an element out of order."""
    stream.seek(0)
    _event, root = next(elements(Limited(stream, MAX_BYTES), ("start",)))
    if root.tag != f"{{{NAMESPACE}}}assetData":
        raise NotATape(
            detail="It is XML, but not the EX-102 of automobile leases: its root is “%(root)s”.",
            params={"root": root.tag[:120]},
        )

    def read() -> Iterator[pl.DataFrame]:
        stream.seek(0)
        return _assets(Limited(stream, MAX_BYTES))

    return TapeText("ex102", "", ELEMENTS, read)


def _assets(stream: Limited) -> Iterator[pl.DataFrame]:
    schema = dict.fromkeys(ELEMENTS, pl.String)
    held: list[list[str | None]] = []
    for row, (_event, asset) in enumerate(elements(stream, ("end",), _ASSET), start=1):
        held.append(_values(asset, row))
        release(asset)
        if len(held) == CHUNK_ROWS:
            yield pl.DataFrame(held, schema=schema, orient="row")
            held = []
    if held:
        yield pl.DataFrame(held, schema=schema, orient="row")


def _values(asset: Any, row: int) -> list[str | None]:
    values: list[str | None] = [None] * len(ELEMENTS)
    before = -1
    for element in asset.iterchildren(tag=etree.Element):
        place = _PLACES.get(element.tag)
        if place is None:
            raise _wrong(
                "Asset %(row)s has “%(name)s”, which the schema does not know.", element, row
            )
        if place <= before:
            raise _wrong("Asset %(row)s has “%(name)s” out of the schema's order.", element, row)
        before = place
        values[place] = (element.text or "").strip() or None
    return values


def _wrong(detail: str, element: Any, row: int) -> NotATape:
    name = etree.QName(element).localname[:80]
    return NotATape(detail=detail, params={"row": row, "name": name})
