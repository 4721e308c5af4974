"""What a `payload.erased` entry says: whose content was destroyed, and why. Pure.

It goes to every counterparty and into every export with its fields, as entries of keys and of the
title registry's roots do: it holds no content, and who has a copy of what it names must destroy
that too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.core.checkpoints import parse_decimal
from ledger.core.errors import MalformedError
from ledger.core.keyring import KINDS as KEY_KINDS
from ledger.core.title_root import KIND as TITLE_ROOT

KIND = "payload.erased"
#: What was signed and is lost, told by the log that goes on without it (docs/decisions/0023).
RESUMED = "log.resumed"
#: Kinds whose fields everybody with a copy reads.
SHOWN = KEY_KINDS | {KIND, TITLE_ROOT, RESUMED}
#: Why: the person asked, the time to keep it is over, it should not have been kept, other law.
REASONS = ("subject_request", "retention_over", "recorded_in_error", "legal_order")


@dataclass(frozen=True, slots=True)
class Erasure:
    """Content of entry `entry` was destroyed; `told_by` is the entry that says so."""

    entry: int
    reason: str
    told_by: int


def parse_erasure(index: int, fields: Mapping[str, str]) -> Erasure:
    """Read the fields of a `payload.erased` entry at `index`; `MalformedError` if it cannot be."""
    entry = parse_decimal(fields.get("entry", ""))
    if entry >= index:
        raise MalformedError(f"entry {index} erases entry {entry}, which stands after it")
    if (reason := fields.get("reason", "")) not in REASONS:
        raise MalformedError(f"entry {index} erases for a reason that is none: {reason[:40]!r}")
    return Erasure(entry, reason, index)
