"""Checkpoints that come back with a lost log, stored as signed, with who cosigned them."""

from datetime import UTC, datetime

from django.db import connection

from ledger.core.checkpoints import Checkpoint
from ledger.core.errors import ProofError
from ledger.core.notes import Note, NoteKey, verify_note
from ledger.drafts import instant
from ledger.models import Cosignature
from tenants.models import PublishedKey


def store_checkpoint(checkpoint: Checkpoint, data: bytes, at: datetime | str) -> list[str]:
    """Store a verified checkpoint of the entries that are there; names of who cosigned it.

    `data`: its note. Raises `ProofError` if the log as it is stored does not lead to it.
    """
    note = Note.parse(data)
    own = tuple(line for line in note.lines if line.name == checkpoint.origin)  # both kinds
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_seal(%s, %s, %s, %s)",
            [checkpoint.size, checkpoint.root, Note(note.text, own).to_bytes(), instant(at)],
        )
        if cursor.fetchone() != (True,):
            raise ProofError("the database does not store the checkpoint")
    published = PublishedKey.objects.filter(purpose=PublishedKey.COSIGNER)
    keys = [NoteKey.parse(text) for text in published.values_list("key", flat=True)]
    return [key.name for key in keys if _store_cosignature(note, key, checkpoint.size)]


def _store_cosignature(note: Note, key: NoteKey, size: int) -> bool:
    lines = tuple(line for line in note.lines if (line.name, line.id) == (key.name, key.id))
    if not lines:
        return False
    (verified, *_) = verify_note(Note(note.text, lines[:1]), [key])
    Cosignature.objects.create(
        size=size,
        vkey=key.vkey(),
        cosigner=key.name,
        line=lines[0].text().rstrip("\n"),
        cosigned_at=datetime.fromtimestamp(verified.time or 0, tz=UTC),
    )
    return True
