"""Rows that no entry speaks of, by the statements that were made when they came."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from uuid import UUID

import structlog
from django.db import transaction

from ledger import receipt_ends, receipts
from ledger.core.audit import AuditError
from ledger.core.errors import MalformedError
from ledger.cosignatures import key_hash
from ledger.models import Cosignature, ReplicaItems, ReplicaPayload
from ledger.problems import KeyFolderUnwritable
from ledger.receipt_ends import End
from ledger.receipts import ReceiptError
from tenants.context import current_tenant
from tenants.database.bound import run_bound
from tenants.database.durability import wait_until_durable

log = structlog.get_logger("ledger.checks")
_MISSING = (
    "SELECT i FROM unnest(%b::bigint[], %b::bigint[]) AS run(low, high),"
    " generate_series(run.low, run.high) AS i"
    " WHERE NOT EXISTS (SELECT FROM ledger_replica_payload WHERE source = %b AND index = i)"
    " ORDER BY i LIMIT 1"
)

_GONE = "it was taken in, and its row is missing"
_UNTOLD = "it is there, and no receipt says that it came"
Pair = tuple[int, str]
"""The size of a checkpoint, and how receipts name the key that cosigned it."""


def check_cosignatures(size: int, log_id: str) -> None:
    """Each cosignature of a checkpoint up to `size` that was taken in is still there, and no other.

    Those of before there were receipts are stated together, by the first check.
    """
    own, known = current_tenant().pk, _known(log_id)
    rows = Cosignature.objects.values_list("size", "vkey").order_by("pk")
    untold = {(row[0], key_hash(row[1])) for row in rows.iterator(chunk_size=2_000)}
    chain, base = receipts.Chain(own, known), list[str]()
    try:
        pairs = _pairs(chain, untold, base)
        for some in iter(lambda: list(islice(pairs, 2_000)), []):
            _check_there([pair for pair in some if pair[0] <= size])
    except ReceiptError as error:
        raise AuditError(error.number, "receipt", str(error)) from error
    if not base and known is None:
        with transaction.atomic():
            receipts.put(own, {"untold": _digest(untold)})
    elif _digest(untold) != (base[0] if base else _digest(set())):
        detail = "those without a receipt are not those that there were at first"
        raise AuditError(min(untold)[0] if untold else 0, "cosignature", detail)
    _remember(log_id, known, chain.end)


def _pairs(chain: Iterable[receipts.Members], untold: set[Pair], base: list[str]) -> Iterator[Pair]:
    for told in chain:
        if "untold" in told:
            base.append(told["untold"])
            continue
        pair = int(told["cosigned"]), told["key"]
        untold.discard(pair)
        yield pair


def _check_there(pairs: Sequence[Pair]) -> None:
    rows = Cosignature.objects.filter(size__in={pair[0] for pair in pairs})
    there = {(row.size, key_hash(row.vkey)) for row in rows.only("size", "vkey")}
    for pair in pairs:
        if pair not in there:
            raise AuditError(pair[0], "cosignature", _GONE)


def _digest(pairs: Iterable[Pair]) -> str:
    return sha256("".join(f"{size} {key}\n" for size, key in sorted(pairs)).encode()).hexdigest()


def check_contents(source: UUID, size: int, log_id: str) -> None:
    """Each content and share that a copy of `size` entries took in is there, erased or not.

    And no other: rows are read before the statements, which name every one of them.
    """
    shares = set(ReplicaItems.objects.filter(source=source).values_list("index", "first_place"))
    held = ReplicaPayload.objects.filter(source=source).values_list("index", flat=True)
    runs = list(receipts.unpacked(receipts.packed(held)))
    known, covered, named, untold = _known(log_id), 0, list[tuple[int, int]](), set(shares)
    chain = receipts.Chain(source, known)
    try:
        for told in chain:
            named.extend(receipts.unpacked(told["contents"]))
            places = [tuple(map(int, share.split("/"))) for share in told["shares"].split()]
            untold.difference_update(places)
            if int(told["size"]) > size:
                continue  # since this began
            covered = int(told["size"])
            new = list(receipts.unpacked(told["contents"]))
            lows, highs = [low for low, _ in new], [high for _, high in new]
            for (index,) in run_bound(_MISSING, [lows, highs, source]):
                raise AuditError(index, "content", _GONE)
            for index, place in places:
                if (index, place) not in shares and not _is_there(source, index, place):
                    raise AuditError(index, "items", _GONE)
    except ReceiptError as error:
        raise AuditError(error.number, "receipt", str(error)) from error
    if covered < size:
        raise AuditError(covered, "receipt", "a receipt of what was taken in is missing")
    if (beside := receipts.first_beside(runs, named)) is not None:
        raise AuditError(beside, "content", _UNTOLD)
    if untold:
        raise AuditError(min(untold)[0], "items", _UNTOLD)
    _remember(log_id, known, chain.end)


def _known(log_id: str) -> End | None:
    try:
        return receipt_ends.remembered(log_id)
    except MalformedError as error:
        raise AuditError(0, "receipt", str(error)) from error


def _remember(log_id: str, known: End | None, end: End) -> None:
    if end == known or not end.count:
        return
    wait_until_durable()
    try:
        receipt_ends.remember(log_id, end)
    except KeyFolderUnwritable as problem:  # nothing that a row tells; the next check tries again
        log.error("receipts_not_remembered", log=log_id, why=problem.text("detail"))


def _is_there(source: UUID, index: int, place: int) -> bool:
    """Whether a share came since all of them were read."""
    return ReplicaItems.objects.filter(source=source, index=index, first_place=place).exists()
