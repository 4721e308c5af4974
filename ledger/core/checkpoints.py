"""Checkpoints: C2SP tlog-checkpoint v1.0.0. A signed note that states a tree head."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.core.errors import LedgerError, SignatureError
from ledger.core.notes import ED25519, Note, NoteKey, Verified, verify_note
from ledger.core.tree_heads import Checkpoint, parse_decimal

__all__ = ["Checkpoint", "open_by_any", "open_checkpoint", "parse_decimal"]


def open_checkpoint(
    data: bytes, log_key: NoteKey, cosigners: Iterable[NoteKey] = ()
) -> tuple[Checkpoint, tuple[Verified, ...]]:
    """Read a signed checkpoint that the log itself signed, with the known cosignatures.

    Raises `SignatureError` when the log's own signature is missing or any known one fails. The
    log's ML-DSA-44 line beside it is checked when its key is among `cosigners`.
    """
    if log_key.kind != ED25519:
        raise SignatureError("a log signs with a plain Ed25519 key")
    note = Note.parse(data)
    verified = verify_note(note, (log_key, *cosigners))
    if all(item.key != log_key for item in verified):
        raise SignatureError(f"the log {log_key.name} did not sign the checkpoint")
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log_key.name:
        raise SignatureError(f"the checkpoint is of {checkpoint.origin}, not of {log_key.name}")
    return checkpoint, verified


def open_by_any(data: bytes, log_keys: Iterable[NoteKey]) -> Checkpoint:
    """Read a checkpoint that one of a log's keys signed; what the last one tried found if none."""
    error: LedgerError = SignatureError("no key of the log is known")
    for key in log_keys:
        try:
            return open_checkpoint(data, key)[0]
        except LedgerError as refused:
            error = refused
    raise error
