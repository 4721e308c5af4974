"""Issuing an offering circular: set in type, stored, and its hash on the ledger."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from pools.circular.compose import compose_circular
from pools.circular.content import CircularContent
from pools.circular.documents import issue_document
from pools.models import DocumentKind, IssuedDocument


def issue_circular(
    *, pool_id: UUID, content: CircularContent, language: str, by: UUID, at: datetime
) -> IssuedDocument:
    """Issue a pool's circular in 'en' or 'zh-hans'; unchanged content is issued once.

    Raises FontsMissing before anything is written when the typeface is not installed.
    """
    with translation.override(language):
        title = _("%(pool)s: offering circular") % {"pool": content.pool_name}
    return issue_document(
        kind=DocumentKind.CIRCULAR,
        subject_id=pool_id,
        title=title,
        language=language,
        document=compose_circular(content, language=language, font_dir=_font_dir()),
        by=by,
        at=at,
    )


def _font_dir() -> Path | None:
    """The set-up's folder where it exists; else the kit's own search."""
    folder = Path(settings.FONT_DIR)
    return folder if folder.is_dir() else None
