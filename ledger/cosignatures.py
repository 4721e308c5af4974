"""Keeping a verified cosignature of one of our checkpoints, whichever way it came."""

from hashlib import sha256

from ledger import receipts
from ledger.core.notes import SignatureLine, Verified
from ledger.models import Cosignature
from ledger.told_times import told_time
from tenants.context import current_tenant


def keep_cosignature(size: int, line: SignatureLine, verified: Verified) -> None:
    """Once for each checkpoint and key; a receipt says that it came.

    `MalformedError` where its time is in no calendar.
    """
    cosigned_at = told_time(verified.time or 0)
    own = current_tenant().pk
    receipts.hold(own)  # before the row: who else stores it waits here, and not the other way round
    _row, is_first = Cosignature.objects.get_or_create(
        size=size,
        vkey=verified.key.vkey(),
        defaults={
            "cosigner": verified.key.name,
            "line": line.text().rstrip("\n"),
            "cosigned_at": cosigned_at,
        },
    )
    if is_first:
        receipts.put(own, {"cosigned": str(size), "key": key_hash(verified.key.vkey())})


def key_hash(vkey: str) -> str:
    """How a receipt names a verifier key, which may have thousands of characters."""
    return sha256(vkey.encode()).hexdigest()
