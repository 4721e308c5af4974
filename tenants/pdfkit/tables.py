"""Tables that stay fast at any length, with numbers aligned to the right.

A long table is one flowable that cuts itself at page ends: rows have a fixed height, so a page
takes a known number of them, and ReportLab lays out a page's rows at a time (its cost grows faster
than the rows of one table). Every page repeats the header.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, LongTable, Paragraph, Table, TableStyle

from . import theme as t
from .blocks import escape
from .theme import Theme

Align = Literal["left", "right", "center"]

ROW_HEIGHT = 14.0
HEADER_HEIGHT = 17.0
SPACE_AFTER = 8.0
_PADDING = 4.0


@dataclass(frozen=True)
class Column:
    """A column: its heading, its share of the table's width, and how its cells line up."""

    heading: str
    share: float
    align: Align = "left"


def fit_text(text: str, font: str, size: float, width: float) -> str:
    """``text``, shortened with an ellipsis to at most ``width`` points in ``font`` at ``size``."""
    if len(text) * size <= width:  # no glyph of ours is wider than its em square
        return text
    if stringWidth(text, font, size) <= width:
        return text
    while text and stringWidth(text + "…", font, size) > width:
        text = text[:-1]
    return text + "…"


def data_table(
    theme: Theme,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    total: Sequence[str] | None = None,
    width: float = t.CONTENT_WIDTH,
) -> list[Flowable]:
    """One-line rows of short texts and numbers; a cell that does not fit ends in an ellipsis.

    Args:
        rows: already formatted texts, ``len(columns)`` each.
        total: a last row in bold.

    Raises:
        ValueError: naming the first row whose number of cells is wrong.
    """
    for number, row in enumerate([*rows, *([total] if total else [])], start=1):
        if len(row) != len(columns):
            raise ValueError(f"row {number} has {len(row)} cells; the table has {len(columns)}")
    shares = sum(column.share for column in columns)
    widths = [width * column.share / shares for column in columns]
    table = _DataTable(theme, columns, widths, rows, total)
    return [table]


class _DataTable(Flowable):  # type: ignore[misc]  # ReportLab carries no types
    """Draws the rows that fit and leaves the rest to a copy of itself."""

    def __init__(
        self,
        theme: Theme,
        columns: Sequence[Column],
        widths: Sequence[float],
        rows: Sequence[Sequence[str]],
        total: Sequence[str] | None,
    ) -> None:
        super().__init__()
        self._theme, self._columns, self._widths = theme, columns, widths
        self._rows, self._total = rows, total
        self.hAlign = "LEFT"
        self.spaceAfter = SPACE_AFTER  # unlike a Spacer, dropped at the end of a page

    def _height(self) -> float:
        return HEADER_HEIGHT + ROW_HEIGHT * (len(self._rows) + (self._total is not None))

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        return sum(self._widths), self._height()

    def split(self, _available_width: float, available_height: float) -> list[Flowable]:
        """The rows for this page, and a table of the rest; nothing if fewer than two rows fit."""
        fitting = int((available_height - HEADER_HEIGHT) // ROW_HEIGHT)
        if fitting < 2 or not self._rows:
            return []
        # The total never stands alone at the top of a page.
        fitting = min(fitting, len(self._rows) - (self._total is not None))
        make = (self._theme, self._columns, self._widths)
        return [
            _DataTable(*make, self._rows[:fitting], None),
            _DataTable(*make, self._rows[fitting:], self._total),
        ]

    def draw(self) -> None:
        table = self._layout()
        table.wrapOn(self.canv, sum(self._widths), self._height())
        table.drawOn(self.canv, 0, 0)

    def _layout(self) -> Table:
        fonts = self._theme.fonts
        room = [width - 2 * _PADDING for width in self._widths]

        def line(cells: Sequence[str], font: str) -> list[str]:
            pairs = zip(cells, room, strict=True)
            return [fit_text(cell, font, t.SIZE_SMALL, points) for cell, points in pairs]

        data = [line([column.heading for column in self._columns], fonts.bold)]
        data += [line(row, fonts.regular) for row in self._rows]
        heights = [HEADER_HEIGHT] + [ROW_HEIGHT] * len(self._rows)
        if self._total is not None:
            data.append(line(self._total, fonts.bold))
            heights.append(ROW_HEIGHT)
        style = TableStyle([*_base_commands(self._theme), *_aligned(self._columns)])
        if self._total is not None:
            style.add("FONTNAME", (0, -1), (-1, -1), fonts.bold)
            style.add("LINEABOVE", (0, -1), (-1, -1), 0.8, t.RULE_STRONG)
        return Table(data, colWidths=self._widths, rowHeights=heights, style=style)


def _aligned(columns: Sequence[Column]) -> list[tuple[Any, ...]]:
    return [("ALIGN", (i, 0), (i, -1), column.align.upper()) for i, column in enumerate(columns)]


def _base_commands(theme: Theme) -> list[tuple[Any, ...]]:
    return [
        ("FONTNAME", (0, 0), (-1, 0), theme.fonts.bold),
        ("FONTNAME", (0, 1), (-1, -1), theme.fonts.regular),
        ("FONTSIZE", (0, 0), (-1, -1), t.SIZE_SMALL),
        ("LEADING", (0, 0), (-1, -1), t.SIZE_SMALL * 1.2),
        ("TEXTCOLOR", (0, 0), (-1, 0), t.ACCENT),
        ("TEXTCOLOR", (0, 1), (-1, -1), t.INK),
        ("BACKGROUND", (0, 0), (-1, 0), t.ACCENT_TINT),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, t.ACCENT),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, t.RULE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]


def text_table(
    theme: Theme, columns: Sequence[Column], rows: Sequence[Sequence[str]]
) -> list[Flowable]:
    """Rows whose texts wrap over several lines: rules, reasons, terms. For tens of rows."""
    shares = sum(column.share for column in columns)
    widths = [t.CONTENT_WIDTH * column.share / shares for column in columns]
    cell = theme.style("cell")
    aligned = {
        align: cell.clone(f"cell_{align}", alignment=number)
        for align, number in (("left", 0), ("center", 1), ("right", 2))
    }
    body = [
        [
            Paragraph(escape(text), aligned[column.align])
            for text, column in zip(row, columns, strict=True)
        ]
        for row in rows
    ]
    style = TableStyle([*_base_commands(theme), *_aligned(columns)])
    style.add("VALIGN", (0, 1), (-1, -1), "TOP")
    style.add("TOPPADDING", (0, 0), (-1, -1), 3)
    style.add("BOTTOMPADDING", (0, 0), (-1, -1), 4)
    data = [[column.heading for column in columns], *body]
    table = LongTable(data, colWidths=widths, style=style, repeatRows=1, hAlign="LEFT")
    table.spaceAfter = SPACE_AFTER
    return [table]
