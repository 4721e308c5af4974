"""Typesetting a circular."""

from __future__ import annotations

from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from pools.circular import notes, projections, sections
from pools.circular.content import CircularContent
from tenants.pdfkit import DocumentSpec, RenderedDocument, load_theme, render_document

LANGUAGES = ("en", "zh-hans")


def compose_circular(
    content: CircularContent, *, language: str, font_dir: Path | None = None
) -> RenderedDocument:
    """The circular as a PDF in 'en' or 'zh-hans'; the same content gives the same bytes.

    Raises:
        FontsMissing: when the typeface is not installed.
        ValueError: for another language.
    """
    theme = load_theme(language=language, font_dir=font_dir)
    with translation.override(language):
        story = [
            *sections.summary(theme, content),
            *notes.tranches(theme, content),
            *sections.pool(theme, content),
            *sections.eligibility(theme, content),
            *projections.cash_flow(theme, content),
            *projections.models(theme, content),
            *sections.risks(theme, content),
            *projections.proof(theme, content),
        ]
        return render_document(_spec(content, language), story, font_dir=font_dir)


def _spec(content: CircularContent, language: str) -> DocumentSpec:
    return DocumentSpec(
        title=_("%(pool)s: offering circular") % {"pool": content.pool_name},
        subtitle=_("Notes backed by a pool of vehicle leases"),
        issuer=content.trustee,
        reference=content.reference,
        language=language,
        facts=[
            (_("Reference"), content.reference),
            (_("Date of issue"), content.issued_on.isoformat()),
            (_("Cut-off date"), content.cut_off.isoformat()),
            (_("Issuer"), content.trustee),
        ],
        notice=_(
            "For qualified investors only. No return is promised or guaranteed. Read the risk "
            "factors before you subscribe."
        ),
        page_label=_("Page {page}"),
        total_label=_("of {total}"),
        contents_label=_("Contents"),
        keywords=[content.reference, content.pool_name],
    )
