"""The PDF kit: how every document of the house is set.

Pure: no Django, no clock, no network. A document is a :class:`DocumentSpec` and a list of ReportLab
flowables made by the functions here; :func:`render_document` gives bytes and their sha256, and the
same input always gives the same bytes.
"""

from .blocks import bullets, callout, heading, key_figures, key_values, paragraph, together
from .charts import (
    Series,
    bar_chart,
    compact,
    compact_wan,
    horizontal_bar_chart,
    line_chart,
    percent,
    stacked_area_chart,
)
from .document import DocumentSpec, RenderedDocument, render_document
from .fonts import FontsMissing, find_fonts
from .qr import qr_code
from .tables import Column, data_table, text_table
from .theme import Theme, load_theme

__all__ = [
    "Column",
    "DocumentSpec",
    "FontsMissing",
    "RenderedDocument",
    "Series",
    "Theme",
    "bar_chart",
    "bullets",
    "callout",
    "compact",
    "compact_wan",
    "data_table",
    "find_fonts",
    "heading",
    "horizontal_bar_chart",
    "key_figures",
    "key_values",
    "line_chart",
    "load_theme",
    "paragraph",
    "percent",
    "qr_code",
    "render_document",
    "stacked_area_chart",
    "text_table",
    "together",
]
