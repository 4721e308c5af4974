"""A chain of statements on what was taken in beside signed entries: cosignatures, shared contents.

No entry says that a cosignature came, or that a content was shared, so that a row which is removed
would look like one that never came. Each statement names its number and the hash of the one before,
under a MAC by a secret that is wrapped by the root key: whoever owns the database alone can neither
alter one nor take one out between others. What they can take away unnoticed are the last ones of a
chain together with the rows that these name.
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
from tenants.problems import Problem

VERSION = "lease-receipt/1"
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


def read(about: UUID) -> Iterator[Members]:
    """Every statement in order, verified; raises `ReceiptError`."""
    rows = Receipt.objects.filter(about=about).order_by("number")
    key, before, expected = b"", b"", 0
    for row in rows.iterator(chunk_size=2_000):
        try:
            key = key or vault.receipt_key()
        except Problem as problem:
            raise ReceiptError(0, problem.text("detail")) from problem
        statement = bytes(row.statement)
        if row.number != expected:
            raise ReceiptError(expected, "a receipt of what was taken in is missing")
        if not hmac.compare_digest(_mac(key, statement), bytes(row.mac)):
            raise ReceiptError(expected, "a receipt of what was taken in is not as it was made")
        told = {name: str(value) for name, value in parse_canonical(statement).items()}
        frame = (told["about"], told["number"], told["before"])
        if frame != (str(about), str(expected), _hash(before)):
            raise ReceiptError(expected, "a receipt of what was taken in stands in another's place")
        yield told
        before, expected = statement, expected + 1


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


def _mac(key: bytes, statement: bytes) -> bytes:
    return hmac.digest(key, f"{VERSION}\n".encode() + statement, "sha256")
