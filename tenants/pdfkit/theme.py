"""Colours, sizes and paragraph styles of our documents: the print side of the design tokens."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm

from .fonts import FontFamily, load_fonts

PAGE_SIZE = A4
MARGIN_LEFT = MARGIN_RIGHT = 20 * mm
MARGIN_TOP = 26 * mm
MARGIN_BOTTOM = 22 * mm
CONTENT_WIDTH = PAGE_SIZE[0] - MARGIN_LEFT - MARGIN_RIGHT
CONTENT_HEIGHT = PAGE_SIZE[1] - MARGIN_TOP - MARGIN_BOTTOM

INK = HexColor("#15202a")
INK_SOFT = HexColor("#4c5a67")
RULE = HexColor("#dde4e9")
RULE_STRONG = HexColor("#84919e")
PAPER_TINT = HexColor("#f4f6f8")
ACCENT = HexColor("#0a6b5f")
ACCENT_TINT = HexColor("#e0f2ee")
GOOD = HexColor("#17683a")
WARN = HexColor("#7d4a00")
BAD = HexColor("#ad231c")
WHITE = HexColor("#ffffff")

# Neighbours differ in lightness as well as hue: readable in grey and by the colour-blind.
SERIES: tuple[Color, ...] = tuple(
    HexColor(c)
    for c in (
        "#0a7c6e",
        "#e0a030",
        "#2b6cc4",
        "#bf4530",
        "#7fb8a4",
        "#6b4c86",
        "#9aa5b5",
        "#2f3e57",
    )
)

# A modular scale (ratio about 1.2) around a 9 pt body.
SIZE_NOTE, SIZE_SMALL, SIZE_BODY, SIZE_LEAD = 7.0, 8.0, 9.0, 11.0
SIZE_H3, SIZE_H2, SIZE_H1, SIZE_TITLE = 11.0, 13.5, 18.0, 30.0


@dataclass(frozen=True)
class Theme:
    """Everything a block needs to set type: the faces, and styles by name."""

    fonts: FontFamily
    styles: dict[str, ParagraphStyle]
    chinese: bool

    def style(self, name: str) -> ParagraphStyle:
        """The paragraph style called ``name``; KeyError if there is none."""
        return self.styles[name]


def _style(fonts: FontFamily, chinese: bool, name: str, size: float, **more: Any) -> ParagraphStyle:
    options: dict[str, Any] = {
        "fontName": fonts.regular,
        "fontSize": size,
        "leading": size * (1.6 if chinese else 1.5),
        "textColor": INK,
        "alignment": TA_LEFT,
        # Chinese has no spaces to break at; English must not be broken inside a word.
        "wordWrap": "CJK" if chinese else None,
        **more,
    }
    return ParagraphStyle(name, **options)


@lru_cache(maxsize=8)
def load_theme(*, language: str, font_dir: Path | None = None) -> Theme:
    """The house theme in ``language`` ('en' or 'zh-hans').

    Raises:
        FontsMissing: see :func:`tenants.pdfkit.fonts.load_fonts`.
        ValueError: for another language.
    """
    if language not in ("en", "zh-hans"):
        raise ValueError(f"language must be 'en' or 'zh-hans', not {language!r}")
    fonts = load_fonts(font_dir)
    chinese = language == "zh-hans"
    bold = {"fontName": fonts.bold}
    table = {
        "title": (SIZE_TITLE, {**bold, "leading": SIZE_TITLE * 1.25, "textColor": ACCENT}),
        "subtitle": (14.0, {"leading": 21.0, "textColor": INK_SOFT}),
        "h1": (SIZE_H1, {**bold, "leading": 25.0, "textColor": ACCENT, "spaceAfter": 8}),
        "h2": (SIZE_H2, {**bold, "leading": 20.0, "spaceBefore": 12, "spaceAfter": 5}),
        "h3": (SIZE_H3, {**bold, "leading": 16.0, "spaceBefore": 8, "spaceAfter": 3}),
        "lead": (SIZE_LEAD, {"textColor": INK_SOFT, "spaceAfter": 8}),
        "body": (SIZE_BODY, {"spaceAfter": 6}),
        "bullet": (SIZE_BODY, {"leftIndent": 12, "bulletIndent": 2, "spaceAfter": 3}),
        "note": (SIZE_NOTE, {"textColor": INK_SOFT, "spaceAfter": 6}),
        "cell": (SIZE_SMALL, {"leading": 11.0}),
        "cell_bold": (SIZE_SMALL, {**bold, "leading": 11.0}),
        "figure_value": (16.0, {**bold, "leading": 20.0, "textColor": ACCENT}),
        "figure_label": (SIZE_NOTE, {"leading": 10.0, "textColor": INK_SOFT}),
        "toc1": (SIZE_BODY + 1, {"leading": 20.0}),
        "toc2": (SIZE_BODY, {"leading": 15.0, "leftIndent": 14, "textColor": INK_SOFT}),
    }
    styles = {k: _style(fonts, chinese, k, size, **more) for k, (size, more) in table.items()}
    return Theme(fonts=fonts, styles=styles, chinese=chinese)
