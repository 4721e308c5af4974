"""Find and register the typefaces that every document embeds.

All text, Latin and Chinese, is set in Noto Sans SC (SIL Open Font Licence): one family for both
means that a Chinese name inside an English sentence needs no markup. ReportLab embeds TrueType
outlines only, and only the glyphs that a document uses.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from tenants.problems import Problem

FONT_DIR_VARIABLE = "LL_FONT_DIR"
_PROJECT_ROOT = Path(__file__).resolve().parents[2]
_NPM_PACKAGE = Path("node_modules/@expo-google-fonts/noto-sans-sc")


class FontsMissing(Problem):
    """The Chinese typeface is not on this machine, so no document can be written."""

    code = "fonts_missing"
    title = "The typefaces for documents are missing"
    status: ClassVar[int] = 503


@dataclass(frozen=True)
class FontFamily:
    """Names under which ReportLab knows the registered faces."""

    regular: str
    bold: str


def _candidates(directory: Path | None) -> Iterator[tuple[Path, Path]]:
    """(regular, bold) paths in the order in which they are tried."""
    named = directory or (Path(v) if (v := os.environ.get(FONT_DIR_VARIABLE)) else None)
    if named is not None:
        yield named / "NotoSansSC-Regular.ttf", named / "NotoSansSC-Bold.ttf"
        return  # a directory that was asked for is the only one looked at
    static = _PROJECT_ROOT / "static_vendor/fonts"
    yield static / "NotoSansSC-Regular.ttf", static / "NotoSansSC-Bold.ttf"
    npm = _PROJECT_ROOT / _NPM_PACKAGE
    yield npm / "400Regular/NotoSansSC_400Regular.ttf", npm / "700Bold/NotoSansSC_700Bold.ttf"


def find_fonts(directory: Path | None = None) -> tuple[Path, Path]:
    """Paths of the regular and bold faces.

    Looks in ``directory``, else in ``$LL_FONT_DIR``, else where the set-up puts them.

    Raises:
        FontsMissing: naming every path tried and how to mend it.
    """
    tried = list(_candidates(directory))
    for regular, bold in tried:
        if regular.is_file() and bold.is_file():
            return regular, bold
    raise FontsMissing(
        detail="Looked for " + ", ".join(str(path) for pair in tried for path in pair) + ".",
        mend="Run `make setup`, or point LL_FONT_DIR at a directory with NotoSansSC-Regular.ttf "
        "and NotoSansSC-Bold.ttf (TrueType outlines).",
    )


@lru_cache(maxsize=4)
def load_fonts(directory: Path | None = None) -> FontFamily:
    """Register both faces once a process and return their names.

    Raises:
        FontsMissing: if a face is absent, or is no TrueType outline font.
    """
    family = FontFamily(regular="LLSans", bold="LLSans-Bold")
    for name, path in zip((family.regular, family.bold), find_fonts(directory), strict=True):
        try:
            pdfmetrics.registerFont(TTFont(name, path))
        except TTFError as error:
            raise FontsMissing(
                detail=f"{path} cannot be embedded: {error}.",
                mend="Use the TrueType build of Noto Sans SC; CFF outlines are not supported.",
            ) from error
    pdfmetrics.registerFontFamily(
        family.regular,
        normal=family.regular,
        bold=family.bold,
        italic=family.regular,  # Chinese has no italic; emphasis is weight
        boldItalic=family.bold,
    )
    return family
