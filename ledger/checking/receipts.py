"""Rows that no entry speaks of, by the statements that were made when they came."""

from itertools import islice
from uuid import UUID

from ledger import receipts
from ledger.core.audit import AuditError
from ledger.cosignatures import key_hash
from ledger.models import Cosignature, ReplicaItems
from ledger.receipts import ReceiptError
from tenants.context import current_tenant
from tenants.database.bound import run_bound

_MISSING = (
    "SELECT i FROM unnest(%b::bigint[], %b::bigint[]) AS run(low, high),"
    " generate_series(run.low, run.high) AS i"
    " WHERE NOT EXISTS (SELECT FROM ledger_replica_payload WHERE source = %b AND index = i)"
    " ORDER BY i LIMIT 1"
)

_GONE = "it was taken in, and its row is missing"


def check_cosignatures(size: int) -> None:
    """Each cosignature of a checkpoint up to `size` that was taken in is still there."""
    try:
        told = ((int(one["cosigned"]), one["key"]) for one in receipts.read(current_tenant().pk))
        pairs = (pair for pair in told if pair[0] <= size)
        for some in iter(lambda: list(islice(pairs, 2_000)), []):
            rows = Cosignature.objects.filter(size__in={pair[0] for pair in some})
            there = {(row.size, key_hash(row.vkey)) for row in rows.only("size", "vkey")}
            for pair in some:
                if pair not in there:
                    raise AuditError(pair[0], "cosignature", _GONE)
    except ReceiptError as error:
        raise AuditError(error.number, "receipt", str(error)) from error


def check_contents(source: UUID, size: int) -> None:
    """Each content and share that a copy of `size` entries took in is there, erased or not."""
    shares = set(ReplicaItems.objects.filter(source=source).values_list("index", "first_place"))
    covered = 0
    try:
        for told in receipts.read(source):
            if int(told["size"]) > size:
                break
            covered = int(told["size"])
            runs = list(receipts.unpacked(told["contents"]))
            lows, highs = [low for low, _ in runs], [high for _, high in runs]
            for (index,) in run_bound(_MISSING, [lows, highs, source]):
                raise AuditError(index, "content", _GONE)
            for share in told["shares"].split():
                index, place = map(int, share.split("/"))
                if (index, place) not in shares and not _is_there(source, index, place):
                    raise AuditError(index, "items", _GONE)
    except ReceiptError as error:
        raise AuditError(error.number, "receipt", str(error)) from error
    if covered < size:
        raise AuditError(covered, "receipt", "a receipt of what was taken in is missing")


def _is_there(source: UUID, index: int, place: int) -> bool:
    """Whether a share came since all of them were read."""
    return ReplicaItems.objects.filter(source=source, index=index, first_place=place).exists()
