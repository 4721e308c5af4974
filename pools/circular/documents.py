"""Issued documents: stored once, their hash on the ledger, and checked against it by anybody."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from ledger import selectors as ledger
from ledger.core.encoding import b64
from ledger.core.errors import LedgerError
from ledger.core.hashing import leaf_hash
from ledger.core.proofs import verify_inclusion
from ledger.drafts import Draft
from ledger.reading import read_leaf
from ledger.services import append_entry
from pools.models.documents import IssuedDocument
from tenants.pdfkit import RenderedDocument
from tenants.problems import NotFound, Problem


class DocumentLost(Problem):
    """The stored file is gone, or is not what was issued."""

    code = "document_lost"
    title = "The stored file is not the document that was issued."
    status = 500


@dataclass(frozen=True)
class Verification:
    """What the ledger says about a file.

    `document` is None for a file that was never issued here. `proved` says that the entry with this
    hash lies under the newest signed checkpoint; False while no checkpoint covers it yet.
    """

    sha256: str
    document: IssuedDocument | None
    proved: bool
    checkpoint_size: int | None
    checkpoint_root: str


def issue_document(
    *,
    kind: str,
    subject_id: UUID,
    title: str,
    language: str,
    document: RenderedDocument,
    media_type: str = "application/pdf",
    by: UUID,
    at: datetime,
) -> IssuedDocument:
    """Store a document and put its hash on the ledger, together or not at all.

    The same bytes are issued once: a second call gives the first document back.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:  # the same bytes asked for twice at once: one waits
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [document.sha256])
        known = IssuedDocument.objects.filter(sha256=document.sha256).first()
        if known is not None:
            return known
        rid = uuid.uuid4()
        _store(document.sha256, document.content)
        fields = {
            "kind": kind,
            "subject": str(subject_id),
            "title": title,
            "language": language,
            "media_type": media_type,
            "sha256": document.sha256,
            "bytes": str(len(document.content)),
            "issued_by": str(by),
        }
        entry = append_entry(
            draft=Draft.service(kind="document.issued", rid=rid, fields=fields, ts=at)
        )
        return IssuedDocument.objects.create(
            id=rid,
            kind=kind,
            subject_id=subject_id,
            title=title,
            language=language,
            media_type=media_type,
            sha256=document.sha256,
            size=len(document.content),
            pages=document.pages,
            issued_by=by,
            issued_at=at,
            ledger_index=entry.index,
        )


def content_of(document: IssuedDocument) -> bytes:
    """The stored bytes, checked against the hash; `DocumentLost` if they are not the same."""
    path = _path(document.sha256)
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise DocumentLost(
            detail="The hash on the ledger is %(sha256)s.",
            mend="Restore the file from a backup; the hash tells whether it is the right one.",
            params={"sha256": document.sha256},
        )
    return content


def document(document_id: UUID) -> IssuedDocument:
    """One issued document of this tenant."""
    found = IssuedDocument.objects.filter(pk=document_id).first()
    if found is None:
        raise NotFound(detail="There is no such document here.")
    return found


def documents_of(subject_id: UUID) -> list[IssuedDocument]:
    """What was issued about a pool, newest first."""
    return list(IssuedDocument.objects.filter(subject_id=subject_id).order_by("-ledger_index"))


def newest(limit: int = 200) -> list[IssuedDocument]:
    """What was issued, newest first."""
    return list(IssuedDocument.objects.order_by("-ledger_index")[:limit])


def verify_content(content: bytes) -> Verification:
    """Whether these bytes were issued here, proved from the ledger and not from our table.

    The table only says where to look: the entry's payload must carry this hash, and the entry must
    be included under the newest checkpoint.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    found = IssuedDocument.objects.filter(sha256=sha256).first()
    if found is None or not _says(found.ledger_index, sha256):
        return Verification(sha256, None, False, None, "")
    checkpoint = ledger.checkpoint_covering(found.ledger_index)
    if checkpoint is None:
        return Verification(sha256, found, False, None, "")
    root = bytes(checkpoint.root)
    proved = _included(found.ledger_index, checkpoint.size, root)
    return Verification(sha256, found, proved, checkpoint.size, b64(root))


def _says(index: int, sha256: str) -> bool:
    """The entry's payload carries this hash, and is the payload that the entry was signed over."""
    record = ledger.record(index)
    signed_root = read_leaf(index, bytes(ledger.entry(index).leaf)).core.fields_root
    return record.fields.get("sha256") == sha256 and record.payload.root() == signed_root


def _included(index: int, size: int, root: bytes) -> bool:
    leaf = leaf_hash(bytes(ledger.entry(index).leaf))
    try:
        verify_inclusion(index, size, leaf, ledger.inclusion_proof(index, size), root)
    except LedgerError:
        return False
    return True


def _path(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / connection.schema_name / "documents" / sha256


def _store(sha256: str, content: bytes) -> None:
    """Written beside and renamed: a reader never sees half a file. Named by content, so a file left
    by a transaction that failed is the right one when it is tried again."""
    path = _path(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{sha256}.{uuid.uuid4().hex}.part")
    draft.write_bytes(content)
    draft.replace(path)
