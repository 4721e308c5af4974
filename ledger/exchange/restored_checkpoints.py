"""Checkpoints that come back with a lost log, stored as signed, with who cosigned them."""

from datetime import datetime

from django.db import connection

from ledger.core.checkpoints import Checkpoint
from ledger.core.errors import MalformedError, ProofError, SignatureError
from ledger.core.notes import Note, NoteKey, verify_note
from ledger.cosignatures import keep_cosignature
from ledger.told_times import told_time
from tenants.context import current_tenant
from tenants.models import PublishedKey


def store_checkpoint(checkpoint: Checkpoint, data: bytes) -> list[str]:
    """Store a verified checkpoint of the entries that are there; names of who cosigned it.

    `data`: its note. When it was sealed stands in the log's ML-DSA-44 line; without one it is not
    known any more. Raises `ProofError` if the log as it is stored does not lead to it.
    """
    note = Note.parse(data)
    own = tuple(line for line in note.lines if line.name == checkpoint.origin)  # both kinds
    kept = Note(note.text, own)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_seal(%s, %s, %s, %s)",
            [checkpoint.size, checkpoint.root, kept.to_bytes(), _stated_time(kept)],
        )
        if cursor.fetchone() != (True,):
            raise ProofError("the database does not store the checkpoint")
    keys = _published(PublishedKey.objects.filter(purpose=PublishedKey.COSIGNER))
    return [key.name for key in keys if _store_cosignature(note, key, checkpoint.size)]


def _published(rows) -> list[NoteKey]:
    return [NoteKey.parse(text) for text in rows.values_list("key", flat=True)]


def _stated_time(note: Note) -> datetime | None:
    """When the log signed, as it says under its ML-DSA-44 key; None where it does not say."""
    second = _published(
        PublishedKey.objects.filter(tenant=current_tenant(), purpose=PublishedKey.LOG_MLDSA)
    )
    try:
        times = [line.time for line in verify_note(note, second) if line.time]
        return told_time(min(times)) if times else None
    except (
        MalformedError,
        SignatureError,
    ):  # a log of before it had such a key, or a time that is none
        return None


def _store_cosignature(note: Note, key: NoteKey, size: int) -> bool:
    lines = tuple(line for line in note.lines if (line.name, line.id) == (key.name, key.id))
    if not lines:
        return False
    (verified, *_) = verify_note(Note(note.text, lines[:1]), [key])
    try:
        keep_cosignature(size, lines[0], verified)
    except MalformedError:  # of a time that is none: what one cosigner states holds up no log
        return False
    return True
