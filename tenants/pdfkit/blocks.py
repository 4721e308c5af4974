"""Headings, paragraphs, figures and notices: the parts of a page that are neither table nor chart.

Texts are plain: they are escaped here, so that a lessee called ``A & B <Leasing>`` prints as
written.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape as _escape_xml

from reportlab.lib.colors import Color
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, Table, TableStyle

from . import theme as t
from .theme import Theme


def escape(text: str) -> str:
    """``text`` as ReportLab paragraph markup that prints it literally."""
    return _escape_xml(text)


def heading(theme: Theme, level: int, text: str) -> list[Flowable]:
    """A heading of level 1 (new page), 2 or 3; levels 1 and 2 enter the contents."""
    paragraph = Paragraph(escape(text), theme.style(f"h{level}"))
    if level == 1:
        return [CondPageBreak(t.CONTENT_HEIGHT - 1), paragraph]
    # Not keepWithNext: that would move a table of many pages whole to the next page.
    return [CondPageBreak(50 * (4 - level)), paragraph]


def paragraph(theme: Theme, text: str, style: str = "body") -> Flowable:
    """Running text in one of the theme's styles."""
    return Paragraph(escape(text), theme.style(style))


def bullets(theme: Theme, items: Sequence[str]) -> list[Flowable]:
    """An unordered list."""
    style = theme.style("bullet")
    return [Paragraph(escape(item), style, bulletText="•") for item in items]


def key_values(
    theme: Theme,
    pairs: Sequence[tuple[str, str]],
    *,
    label_width: float = 150.0,
    width: float = t.CONTENT_WIDTH,
) -> Flowable:
    """Two columns, label and value, with hair lines between."""
    rows = [
        [paragraph(theme, label, "cell"), paragraph(theme, value, "cell_bold")]
        for label, value in pairs
    ]
    style = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, t.RULE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    widths = [label_width, width - label_width]
    return Table(rows, colWidths=widths, style=style, hAlign="LEFT")


def key_figures(
    theme: Theme, figures: Sequence[tuple[str, str]], *, columns: int = 4
) -> list[Flowable]:
    """Large numbers over small labels, in a grid of cards: ``(label, value)``."""
    width = t.CONTENT_WIDTH / columns
    cells: list[list[Flowable] | str] = [
        [_figure(theme, value, width - 14), paragraph(theme, label, "figure_label")]
        for label, value in figures
    ]
    last_filled = (len(cells) - 1) % columns
    cells += [""] * (-len(cells) % columns)
    rows = [cells[i : i + columns] for i in range(0, len(cells), columns)]
    style = TableStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -2), t.PAPER_TINT),
            ("BACKGROUND", (0, -1), (last_filled, -1), t.PAPER_TINT),
            ("INNERGRID", (0, 0), (-1, -1), 4, t.WHITE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 9),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 7),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
        ]
    )
    return [Table(rows, colWidths=[width] * columns, style=style, spaceAfter=8)]


def _figure(theme: Theme, value: str, width: float) -> Flowable:
    """A large number, set smaller when it would otherwise break over two lines."""
    style = theme.style("figure_value")
    natural = stringWidth(value, style.fontName, style.fontSize)
    if natural > width:
        size = max(t.SIZE_BODY, style.fontSize * width / natural)
        style = style.clone("figure_value_small", fontSize=size)
    return Paragraph(escape(value), style)


def callout(theme: Theme, text: str, *, title: str = "", tone: Color = t.ACCENT) -> list[Flowable]:
    """A notice with a coloured edge; ``tone`` is one of the theme's colours."""
    inner = [paragraph(theme, title, "h3")] if title else []
    inner.append(paragraph(theme, text))
    style = TableStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), t.PAPER_TINT),
            ("LINEBEFORE", (0, 0), (0, -1), 3, tone),
            ("LEFTPADDING", (0, 0), (-1, -1), 12),
            ("TOPPADDING", (0, 0), (-1, -1), 6),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return [Table([[inner]], colWidths=[t.CONTENT_WIDTH], style=style, spaceBefore=4, spaceAfter=8)]


def together(*parts: Flowable | Sequence[Flowable]) -> Flowable:
    """Keep parts (a heading and its chart, say) on one page."""
    flat: list[Flowable] = []
    for part in parts:
        flat.extend([part] if isinstance(part, Flowable) else part)
    return KeepTogether(flat)
