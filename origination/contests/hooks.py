"""What rooms above do when a right of theirs was released by a decision; this one imports none."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

#: `function(claim_id, right, at)` in the holder's tenant and transaction, before its ledger's head
Release = Callable[[UUID, str, datetime], None]
_releases: list[Release] = []


def on_upheld(function: Release) -> Release:
    """Register what the holder's books do."""
    if function not in _releases:
        _releases.append(function)
    return function


def upheld(claim_id: UUID, right: str, at: datetime) -> None:
    """Tell everyone."""
    for function in _releases:
        function(claim_id, right, at)
