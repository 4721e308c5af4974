"""Contracts that a lessor changed, as the trust that finances them works them out itself."""

from datetime import timedelta

import numpy as np
import pytest
from django_tenants.utils import tenant_context

from ledger.exchange.erasing import erase_record
from ledger.exchange.registry import VerifiedBatch
from ledger.services import seal_checkpoint
from monitoring.models import AssetPerformance
from monitoring.selectors.book import lessors_terms
from monitoring.selectors.servicing import next_payments
from origination.domain.life.machine import Move
from origination.domain.schedule import schedule, terms_of
from origination.domain.schedule_columns import ReceivableColumns
from origination.models import Lease
from origination.selectors.leases import position_of
from origination.services import move_lease
from pools.contracts import receivables_of
from pools.models import Asset
from pools.projection.projectors import project_leases
from pools.projection.reading import read_history
from tests.monitoring.test_projection import AT, DAY, _post, _roll, shared  # noqa: F401 (fixture)
from tests.origination.records import resident_number


def open_leases(count, *, left=5):
    """Leases with so many rentals to come that nobody is late with."""
    found = []
    for lease in Lease.objects.order_by("contract_number"):
        coming = sum(row.due_on > DAY for row in schedule(terms_of(lease.record)))
        state = position_of(lease, as_of=DAY, known_at=AT).allocation.state
        if coming >= left and state.arrears_minor == 0 and state.balance_minor > 0:
            found.append(lease)
    return found[:count]


def moved(cast, lease, move, *, at=AT, on=DAY, **given):
    by = cast.back_office.pk
    with tenant_context(cast.anda):
        return move_lease(rid=lease.rid, move=move, on=on, given=given, by=by, at=at)


def asset_of(cast, lease):
    with tenant_context(cast.trust):
        return Asset.objects.get(pk=lease.rid)


@pytest.fixture
def changed(shared):  # noqa: F811
    """Three leases: one extended and then dearer, one with a holiday, one as it was."""
    with tenant_context(shared.anda):
        leases = open_leases(3)
    moved(shared, leases[0], Move.EXTEND, months="6", reason="x")
    later, rate = AT + timedelta(minutes=1), "0.031"
    moved(shared, leases[0], Move.CHANGE_RATE, at=later, annual_nominal_rate=rate, reason="x")
    given = {"holiday_months": "2", "holiday_interest": "deferred", "reason": "x"}
    moved(shared, leases[1], Move.PAUSE, **given)
    _post(shared)
    return leases


def test_the_trusts_schedules_are_the_lessors(shared, changed):  # noqa: F811
    with tenant_context(shared.trust):
        frame = lessors_terms(shared.anda.pk)
        columns = receivables_of(frame)
        history = read_history()[0]
    rids, until = frame["lease_rid"].to_list(), AT + timedelta(days=1)
    assert np.array_equal(history.receivables.due, columns.due)
    for lease in changed:
        with tenant_context(shared.anda):
            own = position_of(lease, as_of=DAY + timedelta(days=1), known_at=until).rows
        rows = slice(*columns.offsets[rids.index(str(lease.rid)) :][:2])
        expected = ReceivableColumns.of_schedules([[row.receivable for row in own]])
        for name in ("due", "interest", "principal", "kind"):
            assert getattr(columns, name)[rows].tolist() == getattr(expected, name).tolist()
    asset, record = asset_of(shared, changed[0]), changed[0].record
    assert str(asset.annual_nominal_rate) == "0.031000"
    assert asset.term_months == int(record["term_months"]) + 6
    assert asset.maturity_on.isoformat() > record["maturity_on"]
    known = receivables_of(frame, until=AT - timedelta(seconds=1))  # before it was agreed
    rows = slice(*known.offsets[rids.index(str(changed[0].rid)) :][:2])
    assert known.amount[rows].sum() == sum(row.amount_minor for row in schedule(terms_of(record)))
    assert asset_of(shared, changed[2]).changes is None


def test_who_pauses_is_not_late_and_the_next_payment_is_the_new_one(shared, changed):  # noqa: F811
    paused = changed[1]
    day, known = DAY + timedelta(days=45), AT + timedelta(days=45)
    _roll(shared, day)
    with tenant_context(shared.anda):
        own = position_of(paused, as_of=day, known_at=known)
    with tenant_context(shared.trust):
        row = AssetPerformance.objects.get(pk=paused.rid)
        (coming,) = next_payments(shared.anda.pk, [row], as_of=day)
    state = own.allocation.state
    assert (row.days_past_due, row.arrears_minor) == (0, 0)
    assert (row.days_past_due, row.balance_minor) == (state.days_past_due, state.balance_minor)
    expected = next(row.receivable for row in own.rows if row.receivable.due_on > day)
    assert (coming.due_on, coming.due_minor) == (expected.due_on, expected.amount_minor)


def test_the_assets_page_tells_what_was_agreed_with_its_entry(
    shared,  # noqa: F811
    changed,
    client_of,
):
    _roll(shared, DAY)
    client = client_of(shared.portfolio_manager, shared.trust, language="zh-hans")
    page = client.get(f"/watch/assets/{changed[0].rid}/").content.decode()
    assert "3.1" in page and "6" in page
    made = asset_of(shared, changed[0]).changes["made"]
    for move in made:
        assert f"/ledger/copies/{shared.anda.pk}/entries/{move['index']}/" in page
    assert client.get(page.split('timeline__title"><a href="')[1].split('"')[0]).status_code == 200


def test_a_record_that_comes_again_keeps_what_was_agreed_and_nothing_counts_twice(
    shared,  # noqa: F811
    changed,
):
    before = asset_of(shared, changed[0])
    with tenant_context(shared.anda):
        record = Lease.objects.get(pk=changed[0].pk).record
    with tenant_context(shared.trust):
        batch = VerifiedBatch(
            shared.anda.pk, "lease.recorded", AT, [before.ledger_index], [str(before.rid)], ["t"],
            [record],
        )  # fmt: skip
        project_leases(batch)
    after = asset_of(shared, changed[0])
    for name in ("rent_minor", "annual_nominal_rate", "term_months", "maturity_on"):
        assert getattr(after, name) == getattr(before, name)
    assert [made["number"] for made in after.changes["made"]] == [1, 2]


def test_a_repossessed_vehicle_is_a_default_whatever_was_paid(shared):  # noqa: F811
    with tenant_context(shared.anda):
        late = next(
            lease
            for lease in Lease.objects.order_by("contract_number")
            if 0 < position_of(lease, as_of=DAY, known_at=AT).allocation.state.days_past_due <= 90
        )
    _roll(shared, DAY)
    moved(shared, late, Move.REPOSSESS, place="Foshan", reason="no answer")
    _post(shared)
    assert _roll(shared, DAY + timedelta(days=1)).defaulted == 1
    with tenant_context(shared.trust):
        row = AssetPerformance.objects.get(pk=late.rid)
    assert row.defaulted_on == DAY + timedelta(days=1)
    since = asset_of(shared, late).changes["state_on"]
    later = DAY + timedelta(days=1)
    at = AT + timedelta(days=1)
    moved(shared, late, Move.ASK_WRITE_OFF, at=at, on=later, reason="insolvent")
    _post(shared)
    told = asset_of(shared, late).changes
    assert (told["state"], told["state_on"], len(told["made"])) == ("repossessed", since, 2)


def test_a_transferred_lease_belongs_to_another_group_until_it_is_erased(shared):  # noqa: F811
    with tenant_context(shared.anda):
        (lease,) = open_leases(1)
    first = asset_of(shared, lease)
    new = {
        "lessee_kind": "person", "lessee_name": "王小红", "reason": "divorce",
        "lessee_id_number": resident_number(888), "lessee_phone": "13800138000",
    }  # fmt: skip
    step = moved(shared, lease, Move.TRANSFER, **new)
    _post(shared)
    second = asset_of(shared, lease)
    assert second.obligor not in (first.obligor, lease.rid.hex)
    assert (second.credit_score, second.employment) == (None, "")
    assert "王小红" not in str(second.changes) and new["lessee_id_number"] not in str(
        second.changes
    )
    with tenant_context(shared.anda):
        erase_record(index=step.entry_index, reason="subject_request", by=shared.manager.pk, at=AT)
        seal_checkpoint(at=AT)
    _post(shared)
    third = asset_of(shared, lease)
    assert third.obligor == lease.rid.hex
    assert second.obligor not in str(third.changes)


def test_columns_take_other_schedules_in_place(shared):  # noqa: F811
    with tenant_context(shared.anda):
        terms = [terms_of(lease.record) for lease in Lease.objects.order_by("rid")[:6]]
    rows = [schedule(term) for term in terms]
    columns, others = ReceivableColumns.of_schedules(rows), {0: rows[3], 4: rows[1][:2], 5: []}
    expected = ReceivableColumns.of_schedules([others.get(n, rows[n]) for n in range(6)])
    found = columns.with_schedules(others)
    for name in ("offsets", "due", "interest", "principal", "kind", "unfit"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
    assert columns.with_schedules({}) is columns
