"""In bulk: sealed payloads out of this tenant's log, and parcels into the shared mailbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from tenants.database.bound import run_bound
from tenants.models import Parcel


class SealedPayload(NamedTuple):
    """A row of `ledger_payload` that was not erased."""

    index: int
    ciphertext: bytes
    wrapped_key: bytes
    kek_version: int
    erased_at: datetime | None


def read_payloads(indexes: Sequence[int]) -> list[SealedPayload]:
    """The sealed payloads of entries, in order."""
    rows = run_bound(
        "SELECT index, ciphertext, wrapped_key, kek_version, erased_at FROM ledger_payload "
        "WHERE index = ANY(%b::bigint[]) AND erased_at IS NULL "
        "AND ciphertext IS NOT NULL ORDER BY index",
        [indexes],
        binary=True,
    )
    return [SealedPayload(*row) for row in rows]


def leave_parcel(parcel: Parcel) -> None:
    """Insert a parcel; its megabytes go as bytes, not as text of a statement."""
    run_bound(
        "INSERT INTO tenants_parcel (id, sender_id, receiver_id, subject, log_origin, from_index, "
        "to_index, body, created_at) VALUES (%b, %b, %b, %b, %b, %b, %b, %b, %b)",
        [
            parcel.pk, parcel.sender_id, parcel.receiver_id, parcel.subject, parcel.log_origin,
            parcel.from_index, parcel.to_index, parcel.body, timezone.now(),
        ],
    )  # fmt: skip
