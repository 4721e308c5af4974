"""The document: title page, running head and foot, contents, reproducible bytes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus.tableofcontents import TableOfContents

from . import theme as t
from .blocks import escape, key_values
from .theme import Theme, load_theme

_TOTAL_PAGES_FORM = "ll-total-pages"


@dataclass(frozen=True)
class DocumentSpec:
    """What the frame of a document says; every text already in the reader's language.

    Attributes:
        language: 'en' or 'zh-hans'; sets fonts, line breaking and the PDF's Lang entry.
        facts: pairs printed at the foot of the title page (reference, date, parties…).
        page_label, total_label: formats with ``{page}`` and ``{total}``, printed in a row.
        contents_label: heading of the table of contents; empty leaves the contents out.
    """

    title: str
    subtitle: str
    issuer: str
    reference: str
    language: str
    facts: Sequence[tuple[str, str]] = ()
    notice: str = ""
    page_label: str = "Page {page}"
    total_label: str = "of {total}"
    contents_label: str = "Contents"
    keywords: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class RenderedDocument:
    """A finished PDF: its bytes, the hash that goes into the ledger, and its number of pages."""

    content: bytes
    sha256: str
    pages: int


def render_document(
    spec: DocumentSpec, story: Sequence[Flowable], *, font_dir: Path | None = None
) -> RenderedDocument:
    """Typeset ``story`` behind a title page.

    The same spec and story give the same bytes: no clock, random id or machine name enters.

    Raises:
        FontsMissing: when the typeface is not installed.
    """
    theme = load_theme(language=spec.language, font_dir=font_dir)
    buffer = BytesIO()
    template = _Template(buffer, spec=spec, theme=theme)
    # ReportLab consumes the list it is given, hence copies.
    whole = [*_title_page(spec, theme), *_contents(spec, theme), *story]
    template.multiBuild(whole) if spec.contents_label else template.build(whole)
    content = buffer.getvalue()
    return RenderedDocument(content, hashlib.sha256(content).hexdigest(), template.page)


def _title_page(spec: DocumentSpec, theme: Theme) -> list[Flowable]:
    story: list[Flowable] = [
        Spacer(1, 62 * mm),
        Paragraph(escape(spec.title), theme.style("title")),
        Spacer(1, 4 * mm),
        Paragraph(escape(spec.subtitle), theme.style("subtitle")),
        Spacer(1, 34 * mm),
    ]
    if spec.facts:
        story.append(key_values(theme, spec.facts, label_width=45 * mm))
    if spec.notice:
        story += [Spacer(1, 8 * mm), Paragraph(escape(spec.notice), theme.style("note"))]
    return [*story, NextPageTemplate("body"), PageBreak()]


def _contents(spec: DocumentSpec, theme: Theme) -> list[Flowable]:
    if not spec.contents_label:
        return []
    toc = TableOfContents(dotsMinLevel=0)
    toc.levelStyles = [theme.style("toc1"), theme.style("toc2")]
    heading = Paragraph(escape(spec.contents_label), theme.style("h1"))
    return [heading, toc, PageBreak()]


class _Template(BaseDocTemplate):  # type: ignore[misc]  # ReportLab carries no types
    """Two page templates; headings go to contents and outline; the total of pages."""

    def __init__(self, buffer: BytesIO, *, spec: DocumentSpec, theme: Theme) -> None:
        super().__init__(
            buffer,
            pagesize=t.PAGE_SIZE,
            leftMargin=t.MARGIN_LEFT,
            rightMargin=t.MARGIN_RIGHT,
            topMargin=t.MARGIN_TOP,
            bottomMargin=t.MARGIN_BOTTOM,
            title=spec.title,
            author=spec.issuer,
            subject=spec.subtitle,
            keywords=list(spec.keywords),
            creator="LeaseLedger",
            lang="zh-CN" if theme.chinese else "en",
            invariant=1,  # no timestamps and no random file id
        )
        self.spec, self.theme = spec, theme
        frame = Frame(
            t.MARGIN_LEFT, t.MARGIN_BOTTOM, t.CONTENT_WIDTH, t.CONTENT_HEIGHT,
            leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
        )  # fmt: skip
        self.addPageTemplates(
            [
                PageTemplate("title", [frame], onPage=self._draw_title_frame),
                PageTemplate("body", [frame], onPage=self._draw_running_frame),
            ]
        )
        self._headings = 0

    def _startBuild(self, *args: Any, **options: Any) -> None:
        self._headings = 0
        super()._startBuild(*args, **options)

    def _endBuild(self) -> None:
        """Define the form that every foot refers to: only now is the number of pages known."""
        self.canv.beginForm(_TOTAL_PAGES_FORM)
        self.canv.setFont(self.theme.fonts.regular, t.SIZE_NOTE)
        self.canv.setFillColor(t.INK_SOFT)
        self.canv.drawString(0, 0, self.spec.total_label.format(total=self.page))
        self.canv.endForm()
        super()._endBuild()

    def afterFlowable(self, flowable: Flowable) -> None:
        """Report headings to the table of contents and to the viewer's outline."""
        name = getattr(getattr(flowable, "style", None), "name", "")
        if name not in ("h1", "h2") or getattr(flowable, "unlisted", False):
            return
        level = int(name[1]) - 1
        text = flowable.getPlainText()
        if text == self.spec.contents_label:
            return
        self._headings += 1
        key = f"h{self._headings}"
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(text, key, level=level, closed=level > 0)
        self.notify("TOCEntry", (level, escape(text), self.page, key))

    def _draw_title_frame(self, canvas: Any, _document: Any) -> None:
        width, height = t.PAGE_SIZE
        canvas.saveState()
        canvas.setFillColor(t.ACCENT)
        canvas.rect(0, height - 34 * mm, width, 34 * mm, stroke=0, fill=1)
        canvas.setFillColor(t.SERIES[1])
        canvas.rect(0, height - 35.2 * mm, width, 1.2 * mm, stroke=0, fill=1)
        canvas.setFillColor(t.WHITE)
        canvas.setFont(self.theme.fonts.bold, 13)
        canvas.drawString(t.MARGIN_LEFT, height - 20 * mm, self.spec.issuer)
        canvas.setFont(self.theme.fonts.regular, 9)
        canvas.drawRightString(width - t.MARGIN_RIGHT, height - 20 * mm, self.spec.reference)
        canvas.restoreState()

    def _draw_running_frame(self, canvas: Any, _document: Any) -> None:
        width, height = t.PAGE_SIZE
        fonts = self.theme.fonts
        right = width - t.MARGIN_RIGHT
        canvas.saveState()
        canvas.setStrokeColor(t.RULE)
        canvas.setLineWidth(0.5)
        canvas.line(t.MARGIN_LEFT, height - 18 * mm, right, height - 18 * mm)
        canvas.line(t.MARGIN_LEFT, 15 * mm, right, 15 * mm)
        canvas.setFillColor(t.INK_SOFT)
        canvas.setFont(fonts.bold, t.SIZE_NOTE)
        canvas.drawString(t.MARGIN_LEFT, height - 15.5 * mm, self.spec.title)
        canvas.setFont(fonts.regular, t.SIZE_NOTE)
        canvas.drawRightString(right, height - 15.5 * mm, self.spec.issuer)
        canvas.drawString(t.MARGIN_LEFT, 11 * mm, self.spec.reference)
        widest = self.spec.total_label.format(total=888)  # the total is not known yet
        room = stringWidth(widest, fonts.regular, t.SIZE_NOTE)
        label = self.spec.page_label.format(page=canvas.getPageNumber())
        canvas.drawRightString(right - room - 3, 11 * mm, label)
        canvas.translate(right - room, 11 * mm)
        canvas.doForm(_TOTAL_PAGES_FORM)
        canvas.restoreState()
