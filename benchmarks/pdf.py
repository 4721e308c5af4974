"""Documents: pages and table rows a second, beside bare drawing on ReportLab's canvas."""

from __future__ import annotations

import os
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from benchmarks.figures import Figure, best_seconds
from tenants.pdfkit import Column, DocumentSpec, data_table, load_theme, render_document

ROWS, CELLS, ROWS_A_PAGE = 5_000, 6, 48


def _cells() -> list[list[str]]:
    return [[f"{i * k:,}" for k in range(1, CELLS + 1)] for i in range(ROWS)]


def _ours(cells: list[list[str]]) -> int:
    theme = load_theme(language="en")
    columns = [Column(str(k), 1, "right") for k in range(CELLS)]
    spec = DocumentSpec("t", "s", "i", "r", "en", contents_label="")
    return render_document(spec, data_table(theme, columns, cells)).pages


def _bare(cells: list[list[str]]) -> None:
    """The same texts on the same number of pages: no rules, no widths, no page furniture."""
    theme = load_theme(language="en")
    canvas = Canvas(BytesIO(), pagesize=A4, invariant=1)
    for start in range(0, ROWS, ROWS_A_PAGE):
        canvas.setFont(theme.fonts.regular, 8)
        for line, row in enumerate(cells[start : start + ROWS_A_PAGE]):
            for k, cell in enumerate(row):
                canvas.drawRightString(130 + 80 * k, 760 - 14 * line, cell)
        canvas.showPage()
    canvas.save()


def figures() -> list[Figure]:
    """Table rows against bare canvas; pages of a whole circular against the table's pages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from pools.circular.compose import compose_circular
    from tests.pools.circular_sample import sample_content

    cells, content = _cells(), sample_content()
    pages = _ours(cells)
    table = best_seconds(lambda: _ours(cells))
    bare = best_seconds(lambda: _bare(cells))
    circular_pages = compose_circular(content, language="zh-hans").pages
    circular = best_seconds(lambda: compose_circular(content, language="zh-hans"))
    return [
        Figure("table rows a second", ROWS / table, ROWS / bare, "bare canvas", "rows/s"),
        Figure(
            "pages of a Chinese circular a second", circular_pages / circular, pages / table,
            "pages of plain table", "pages/s",
        ),
    ]  # fmt: skip
