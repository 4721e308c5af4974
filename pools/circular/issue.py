"""Issuing an offering circular: set in type, stored, and its hash on the ledger."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from pools.circular.compose import compose_circular
from pools.circular.content import CircularContent
from pools.circular.documents import issue_document
from pools.circular.of_pool import content_of_pool
from pools.models import DocumentKind, IssuedDocument, Pool, PoolState
from tenants.problems import Refused

OFFERED = {PoolState.APPROVED, PoolState.REQUESTED, PoolState.PURCHASED, PoolState.DISBURSED}


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


def issue_pool_circular(*, pool: Pool, language: str, by: UUID, at: datetime) -> IssuedDocument:
    """Issue the circular of an approved or purchased pool. Raises `Refused` for any other."""
    if pool.state not in OFFERED:
        raise Refused(
            code="pool_not_approved",
            detail=gettext_noop("A circular is issued once the pool is approved."),
            mend=gettext_noop("Have two people approve it first."),
        )
    content = content_of_pool(pool, at=at)
    return issue_circular(pool_id=pool.pk, content=content, language=language, by=by, at=at)


def _font_dir() -> Path | None:
    """The set-up's folder where it exists; else the kit's own search."""
    folder = Path(settings.FONT_DIR)
    return folder if folder.is_dir() else None
