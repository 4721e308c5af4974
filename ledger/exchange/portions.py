"""How much goes into one parcel: far fewer bytes than a receiver, or the database, refuses."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from django.db.models import QuerySet
from django.db.models.functions import Length

from ledger.models import Entry

CHUNK_BYTES = 1 << 25  # of leaves, payloads and items; one entry alone may have more


def weigh(*columns: tuple[QuerySet, str]) -> Counter[int]:
    """Bytes by index of entry, over one column each of some tables, as they are stored."""
    found: Counter[int] = Counter()
    for rows, column in columns:
        lengths = rows.order_by().annotate(length=Length(column)).exclude(length=None)
        for index, length in lengths.values_list("index", "length"):
            found[index] += length
    return found


def end_of_portion(start: int, end: int, bytes_of: Mapping[int, int]) -> int:
    """An end so near that what is between stays below `CHUNK_BYTES`, or is one entry."""
    total = 0
    for index in range(start, end):
        total += bytes_of.get(index, 0)
        if total > CHUNK_BYTES and index > start:
            return index
    return end


def portions(
    rows: Sequence[Entry], bytes_of: Mapping[int, int], most: int
) -> Iterator[Sequence[Entry]]:
    """Rows in their order, at most `most` and `CHUNK_BYTES` together, or one row."""
    start, total = 0, 0
    for at, row in enumerate(rows):
        length = bytes_of.get(row.index, 0)
        if at > start and (at - start == most or total + length > CHUNK_BYTES):
            yield rows[start:at]
            start, total = at, 0
        total += length
    if start < len(rows):
        yield rows[start:]
