"""QR codes (ISO/IEC 18004, by segno) as vector drawings."""

from itertools import groupby

import segno
from reportlab.graphics.shapes import Drawing, Rect

from . import theme as t

QUIET_ZONE_MODULES = 4


def qr_code(text: str, *, size: float = 96.0) -> Drawing:
    """A QR code of ``text`` with its quiet zone, ``size`` points wide; error correction level M.

    Raises:
        ValueError: if the text is too long for a QR code (2,331 bytes at level M).
    """
    try:
        matrix = segno.make_qr(text, error="m", boost_error=False).matrix
    except segno.DataOverflowError as error:
        raise ValueError(f"{len(text)} characters do not fit into a QR code: shorten it") from error
    modules = len(matrix) + 2 * QUIET_ZONE_MODULES
    unit = size / modules
    drawing = Drawing(size, size)
    drawing.add(Rect(0, 0, size, size, fillColor=t.WHITE, strokeColor=None))
    for r, row in enumerate(matrix):
        y = size - (r + 1 + QUIET_ZONE_MODULES) * unit
        column = QUIET_ZONE_MODULES
        for dark, run in groupby(row):  # one rectangle a run of dark modules: no hair lines inside
            length = len(list(run))
            if dark:
                # A hair of overlap hides the seams that viewers draw between rows.
                drawing.add(
                    Rect(
                        column * unit,
                        y - 0.02 * unit,
                        length * unit,
                        1.04 * unit,
                        fillColor=t.INK,
                        strokeColor=None,
                    )  # fmt: skip
                )
            column += length
    return drawing
