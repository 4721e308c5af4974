"""A chain of statements on what was taken in beside signed entries: cosignatures, shared contents.

No entry says that a cosignature came, or that a content was shared, so that a row which is removed
would look like one that never came. Each statement names its number and the hash of the one before,
under a MAC by a secret that is wrapped by the root key: whoever owns the database alone can neither
alter one nor take one out between others. The last ones of a chain, or all of them, are missed by
what is remembered outside the database (`receipt_ends`), rows that no statement names by a check.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction

from ledger import vault
from ledger.core.canonical import canonical_bytes, parse_canonical
from ledger.core.errors import LedgerError
from ledger.models import Receipt, Replica, ReplicaItems, ReplicaPayload
from ledger.receipt_ends import End
from tenants.problems import Problem

VERSION = "lease-receipt/1"
_OTHERS = "the receipts do not go on from those that there were when they were gone over before"
Members = Mapping[str, str]


class ReceiptError(LedgerError):
    """A statement that is missing or is not the one that was made; `number` is its place."""

    def __init__(self, number: int, detail: str) -> None:
        super().__init__(detail)
        self.number = number


def hold(about: UUID) -> None:
    """Statements about one log are made one after another: each names the one before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{VERSION}/{about}"])


def put(about: UUID, told: Members) -> None:
    """State what was taken in, in the transaction that stores it."""
    begin()
    hold(about)
    last = Receipt.objects.filter(about=about).order_by("-number").first()
    number, before = (0, b"") if last is None else (last.number + 1, bytes(last.statement))
    _state(about, number, before, told)


@transaction.atomic
def begin() -> None:
    """Where nothing was ever stated: what the copies hold now is what is gone by from here on."""
    if Receipt.objects.exists():
        return
    hold(UUID(int=0))
    if not Receipt.objects.exists():
        for replica in Replica.objects.filter(size__gt=0):
            _state(replica.source, 0, b"", _held(replica))


def _state(about: UUID, number: int, before: bytes, told: Members) -> None:
    frame = {"v": VERSION, "about": str(about), "number": str(number), "before": _hash(before)}
    statement = canonical_bytes({**told, **frame})
    mac = _mac(vault.receipt_key(), statement)
    Receipt.objects.create(about=about, number=number, statement=statement, mac=mac)


def _hash(statement: bytes) -> str:
    return sha256(statement).hexdigest()


def _held(replica: Replica) -> Members:
    contents = ReplicaPayload.objects.filter(source=replica.source).values_list("index", flat=True)
    shares = ReplicaItems.objects.filter(source=replica.source).order_by("index", "first_place")
    return taken_in(replica.size, contents, shares.values_list("index", "first_place"))


def taken_in(size: int, contents: Iterable[int], shares: Iterable[tuple[int, int]]) -> Members:
    """What a copy of so many entries took in: contents, and shares of items by first place."""
    return {
        "size": str(size),
        "contents": packed(contents),
        "shares": " ".join(f"{index}/{place}" for index, place in shares),
    }


class Chain:
    """Every statement about one log in order; iterating verifies them and raises `ReceiptError`.

    `known`: where the chain ended before, and goes on from. `end`: where it ends, once it was read.
    """

    def __init__(self, about: UUID, known: End | None = None) -> None:
        self.end = End(0, _hash(b""))
        self._about, self._known = about, known

    def __iter__(self) -> Iterator[Members]:
        rows = Receipt.objects.filter(about=self._about).order_by("number")
        key = b""
        for row in rows.iterator(chunk_size=2_000):
            try:
                key = key or vault.receipt_key()
            except Problem as problem:
                raise ReceiptError(0, problem.text("detail")) from problem
            yield self._next(key, row)
        if self._known is not None and self.end.count < self._known.count:
            raise ReceiptError(self.end.count, _OTHERS)

    def _next(self, key: bytes, row: Receipt) -> Members:
        statement, (number, before) = bytes(row.statement), self.end
        if row.number != number:
            raise ReceiptError(number, "a receipt of what was taken in is missing")
        if not hmac.compare_digest(_mac(key, statement), bytes(row.mac)):
            raise ReceiptError(number, "a receipt of what was taken in is not as it was made")
        told = {name: str(value) for name, value in parse_canonical(statement).items()}
        if (told["about"], told["number"], told["before"]) != (
            str(self._about),
            str(number),
            before,
        ):
            raise ReceiptError(number, "a receipt of what was taken in stands in another's place")
        self.end = End(number + 1, _hash(statement))
        known = self._known
        if known is not None and known.count == self.end.count and known != self.end:
            raise ReceiptError(number, _OTHERS)
        return told


def packed(indexes: Iterable[int]) -> str:
    """Indexes as runs: `3-7 9`."""
    runs: list[list[int]] = []
    for index in sorted(indexes):
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return " ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)


def unpacked(text: str) -> Iterator[tuple[int, int]]:
    """The runs of `packed`, first and last."""
    for run in text.split():
        low, _, high = run.partition("-")
        yield int(low), int(high or low)


def first_beside(runs: Iterable[tuple[int, int]], named: Iterable[tuple[int, int]]) -> int | None:
    """The first index of `runs`, in rising order, that no run of `named` holds."""
    rest, low, high = iter(sorted(named)), 0, -1
    for index, last in runs:
        while index <= last:
            while high < index and (more := next(rest, None)) is not None:
                low, high = more if more[0] > high + 1 else (low, max(high, more[1]))
            if not low <= index <= high:
                return index
            index = high + 1
    return None


def _mac(key: bytes, statement: bytes) -> bytes:
    return hmac.digest(key, f"{VERSION}\n".encode() + statement, "sha256")
