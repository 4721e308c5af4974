"""Signed notes: C2SP signed-note v1.0.0, with the cosignatures of tlog-cosignature v1.1.

A note is text that ends in a newline, a blank line, and one or more signature lines.
"""

from ledger.core.notes.keys import (
    COSIGNATURES,
    ED25519,
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    NoteKey,
)
from ledger.core.notes.signatures import (
    MAX_TIMESTAMP,
    Verified,
    cosign_subtree,
    cosign_text,
    cosigned_message,
    cosigner_key,
    holding,
    sign_text,
    subtree_message,
    verify_note,
    verify_subtree,
)
from ledger.core.notes.text import MAX_SIGNATURES, Note, SignatureLine, parse_lines

__all__ = [
    "COSIGNATURES",
    "ED25519",
    "ED25519_COSIGNATURE",
    "MAX_SIGNATURES",
    "MAX_TIMESTAMP",
    "MLDSA44_COSIGNATURE",
    "Note",
    "NoteKey",
    "SignatureLine",
    "Verified",
    "cosign_subtree",
    "cosign_text",
    "cosigned_message",
    "cosigner_key",
    "holding",
    "parse_lines",
    "sign_text",
    "subtree_message",
    "verify_note",
    "verify_subtree",
]
