"""Where a copied log's key changes: the copy follows, by what the log itself signed."""

from collections.abc import Sequence

from ledger.core.checkpoints import Checkpoint
from ledger.core.keyring import KeyRing
from ledger.core.notes import Verified
from ledger.exchange import problems
from ledger.exchange.parcels import EntriesParcel
from ledger.exchange.problems import ParcelError
from ledger.models import Replica


def follow_the_key(
    replica: Replica,
    parcel: EntriesParcel,
    checkpoint: Checkpoint,
    signed: Sequence[Verified],
    ring: KeyRing,
) -> None:
    """Take the new key of a parcel whose last entry hands over; `ParcelError` without both signing.

    `ring`: what the copy's entries and the parcel's say of keys. `signed`: the checkpoint's lines.
    """
    for index, old in ring.rotations[len(replica.handovers) :]:
        new = ring.log_keys.at(index + 1)
        if not parcel.end == checkpoint.size == index + 1:
            detail = f"entry {index} changes the log's key without a checkpoint of its own"
            raise ParcelError(problems.BAD_CHECKPOINT, detail)
        if missing := {old, new} - {item.key for item in signed}:
            detail = f"the log's new key did not sign where entry {index} changes it"
            if old in missing:
                detail = f"the log's old key did not sign where entry {index} changes it"
            raise ParcelError(problems.BAD_CHECKPOINT, detail)
        note = parcel.checkpoint.decode()
        replica.handovers.append({"index": index, "old": old.vkey(), "note": note})
        replica.vkey = new.vkey()
