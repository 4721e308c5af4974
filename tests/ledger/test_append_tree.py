"""The database's tree equals the core's and the naive one, whatever sizes are appended at once."""

import uuid
from hashlib import sha256

import psycopg
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import services
from ledger.core.tree import Frontier
from ledger.models import Entry, Head
from tenants.database.bound import run_bound
from tests.ledger.reference import mth

AT = "2026-11-01T08:00:00.000000Z"
POWERS = [2**k + more for k in range(9) for more in (-1, 0, 1) if 2**k + more > 0]
COUNTS = st.one_of(st.sampled_from(POWERS), st.integers(1, 40))


@pytest.fixture
def log(cast, enter):
    enter(cast.tenants.anda)
    return services.open_log(at=AT)


def append(leaves: list[bytes]) -> int:
    count = len(leaves)
    ((first,),) = run_bound(
        "SELECT ledger_append(%b::text[], %b::uuid[], %b::text[], %b::text[], %b::bytea[], "
        "%b::bytea[], %b::bytea[], 1)",
        [
            ["lease.recorded"] * count,
            [uuid.uuid4() for _ in leaves],
            [AT] * count,
            ["k"] * count,
            leaves,
            leaves,
            leaves,
        ],
    )
    return first


def leaves_of(start: int, count: int) -> list[bytes]:
    return [b"leaf %d" % (start + place) for place in range(count)]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(COUNTS, min_size=1, max_size=4))
def test_nodes_peaks_and_root_equal_the_reference(log, counts):
    leaves = [bytes(row) for row in Entry.objects.order_by("index").values_list("leaf", flat=True)]
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(sha256(b"\x00" + leaf).digest())
    with transaction.atomic():
        for count in counts:
            start = frontier.size
            more = leaves_of(start, count)
            assert append(more) == start
            wanted = [frontier.append(sha256(b"\x00" + leaf).digest()) for leaf in more]
            stored = Entry.objects.filter(index__gte=start).order_by("index")
            assert [bytes(nodes) for nodes in stored.values_list("nodes", flat=True)] == wanted
            head = Head.objects.get()
            assert (head.size, bytes(head.peaks)) == (frontier.size, b"".join(frontier.peaks))
            leaves += more
            assert bytes(head.root) == frontier.root() == mth(leaves)
        transaction.set_rollback(True)


@pytest.mark.parametrize("start", POWERS[::2])
@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 64])
def test_every_start_around_a_power_of_two(log, start, count):
    append(leaves_of(0, start))
    before = Head.objects.get().size
    append(leaves_of(before, count))
    leaves = [bytes(row) for row in Entry.objects.order_by("index").values_list("leaf", flat=True)]
    assert bytes(Head.objects.get().root) == mth(leaves)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (0, []), (1, []), (4, [b"x" * 65_536]), (4, [None]), (5, []), (5, [None]), (5, None),
        (6, []), (6, [None]), (6, [b"a", b"b"]), (4, [b""]),
    ],
)  # fmt: skip
def test_an_entry_comes_whole_or_not_at_all(log, column, value):
    columns = [["lease.recorded"], [uuid.uuid4()], [AT], ["k"], [b"leaf"], [b"c"], [b"w"]]
    columns[column] = value
    before = Entry.objects.count()
    with pytest.raises(psycopg.Error), transaction.atomic():
        run_bound(
            "SELECT ledger_append(%b::text[], %b::uuid[], %b::text[], %b::text[], %b::bytea[], "
            "%b::bytea[], %b::bytea[], 1)",
            columns,
        )
    assert Entry.objects.count() == before
