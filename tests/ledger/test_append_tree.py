"""The database's tree equals the core's and the naive one, whatever sizes are appended at once."""

import uuid
from hashlib import sha256

import psycopg
import pytest
from django.db import transaction
from django_tenants.utils import tenant_context
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import services
from ledger.core.encoding import b64
from ledger.core.tree import Frontier
from ledger.models import Entry, Head
from tenants.database.bound import run_bound
from tests.ledger.reference import mth

AT = "2026-11-01T08:00:00.000000Z"
POWERS = [2**k + more for k in range(9) for more in (-1, 0, 1) if 2**k + more > 0]
APPEND = (
    "SELECT ledger_append(%b::text[], %b::uuid[], %b::text[], %b::text[], %b::bytea[], "
    "%b::bytea[], %b::bytea[], 1)"
)
COUNTS = st.one_of(st.sampled_from(POWERS), st.integers(1, 40))


@pytest.fixture
def log(cast, enter):
    enter(cast.tenants.anda)
    return services.open_log(at=AT)


def record_of(log, rid: uuid.UUID) -> bytes:
    """What the database asks of a leaf, and no more."""
    return (
        f'{{"alg":"A256GCM","device":"k","rid":"{rid}","tenant_log":"{log.log_id}","ts":"{AT}",'
        f'"type":"lease.recorded","v":"lease-leaf/1"}}'
    ).encode()


def append(log, count: int) -> tuple[int, list[bytes]]:
    """Index of the first, and the leaves."""
    rids = [uuid.uuid4() for _ in range(count)]
    leaves = [record_of(log, rid) for rid in rids]
    ((first,),) = run_bound(
        APPEND,
        [["lease.recorded"] * count, rids, [AT] * count, ["k"] * count, leaves, leaves, leaves],
    )
    return first, leaves


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
            first, more = append(log, count)
            assert first == start
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
    append(log, start)
    append(log, count)
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
    rid = uuid.uuid4()
    leaf = record_of(log, rid)
    columns = [["lease.recorded"], [rid], [AT], ["k"], [leaf], [b"c"], [b"w"]]
    columns[column] = value
    before = Entry.objects.count()
    with pytest.raises(psycopg.Error), transaction.atomic():
        run_bound(APPEND, columns)
    assert Entry.objects.count() == before


@pytest.mark.parametrize("place", [5, 6])
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("bounds", ["[2:{}]", "[0:{}]"])
def test_half_a_content_hides_behind_no_arrays_bounds(log, place, count, bounds):
    """PostgreSQL counts an array from wherever its sender says."""
    rids = [uuid.uuid4() for _ in range(count)]
    leaves = [record_of(log, rid) for rid in rids]
    columns = [["lease.recorded"] * count, rids, [AT] * count, ["k"] * count, leaves]
    columns += [[b"c"] * count, [b"w"] * count]
    shifted = bounds.format(int(bounds[1]) + count - 1)
    columns[place] = f"{shifted}={{{','.join(['63'] * count)}}}"
    with pytest.raises(psycopg.Error, match="counted from 1"), transaction.atomic():
        run_bound(APPEND, columns)


def test_who_reads_by_an_old_snapshot_writes_nothing(committed_cast):
    """It shows a key open that was destroyed meanwhile, and no other reason of a standstill."""
    with tenant_context(committed_cast.tenants.anda):
        leaf = record_of(services.open_log(at=AT), RID)
        for level in ("REPEATABLE READ", "SERIALIZABLE"):
            for way in ("append", "submit"):
                with pytest.raises(psycopg.Error, match="READ COMMITTED"), transaction.atomic():
                    run_bound(f"SET TRANSACTION ISOLATION LEVEL {level}")
                    _write(way, leaf)
            for call in UNDER_A_LOCK:
                with pytest.raises(psycopg.Error, match="READ COMMITTED"), transaction.atomic():
                    run_bound(f"SET TRANSACTION ISOLATION LEVEL {level}")
                    run_bound(f"SELECT {call}")
        assert not Entry.objects.filter(rid=RID).exists()


@pytest.mark.parametrize("said", ["garbage", "{origin}\n2\n{root}\n", "x\n{root}\n", ""])
def test_a_checkpoint_that_names_another_tree_is_not_stored(log, said):
    append(log, 3)
    head = Head.objects.get()
    size, root = head.size, bytes(head.root)
    note = said.format(origin=head.origin, root=b64(root)).encode()
    seal = "SELECT ledger_seal(%b, %b, %b, now())"
    refused = pytest.raises(psycopg.errors.CheckViolation, match="not of this tree")
    with refused, transaction.atomic():
        run_bound(seal, [size, root, note])
    run_bound(seal, [size, root, f"{head.origin}\n{size}\n{b64(root)}\n".encode()])


UNDER_A_LOCK = (
    "ledger_integrate(1)",
    "ledger_seal(0, '', '', now())",
    "ledger_begin_halt('a', 'b', '{}', now())",
    "ledger_lift_halt(1, 'a', 1, 'b', now())",
    "ledger_hold_kek(ARRAY[1])",
    "ledger_close_kek(1)",
    "ledger_retire_kek(1)",
    "ledger_rewrap_pending(ARRAY[1::bigint], ARRAY[''::bytea], 1)",
    "ledger_hold_root()",
    "ledger_await_root()",
)


RID = uuid.UUID("5d1c1f52-6f6b-4a53-9a39-0f4d1d3a7f10")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"", None),  # no byte of it
        (b'"}', b'"} '),
        (b'{"alg"', b'["alg"'),
        (b'{"alg"', b'{"a":{"alg"'),
        (b'{"alg"', b'{"\xff":"","alg"'),
        (b'"k"', b'"another"'),
        (b"5d1c1f52", b"5d1c1f53"),
        (b"lease.recorded", b"device.enrolled"),
        (b"lease-leaf/1", b"lease-leaf/2"),
        (b"2026-11-01", b"2026-11-02"),
        (b'"tenant_log":"', b'"tenant_log":"0'),
    ],
)
@pytest.mark.parametrize("way", ["append", "submit"])
def test_a_leaf_that_is_no_record_of_its_columns_is_refused(log, way, old, new):
    whole = record_of(log, RID)
    leaf = b"{}" if new is None else whole.replace(old, new)
    before = Entry.objects.count()
    refusals = (psycopg.errors.CheckViolation, psycopg.errors.CharacterNotInRepertoire)
    with pytest.raises(refusals), transaction.atomic():
        _write(way, leaf)
    assert Entry.objects.count() == before
    with transaction.atomic():
        _write(way, whole)
        transaction.set_rollback(True)


def _write(way: str, leaf: bytes) -> None:
    columns = ["lease.recorded", RID, AT, "k", leaf, b"c", b"w"]
    if way == "append":
        run_bound(APPEND, [[value] for value in columns])
    else:
        run_bound("SELECT ledger_submit(%b, %b::uuid, %b, %b, %b, %b, %b, 1)", columns)
