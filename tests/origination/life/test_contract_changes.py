"""Changes of recorded contracts: entries, the book, the journal, refusals and the page."""

from datetime import timedelta

import pytest

from ledger.exchange.erasing import erase_record
from ledger.selectors import entries, payload
from origination.domain.life.machine import Move
from origination.domain.schedule import schedule, terms_of
from origination.domain.servicing.accounts import Account
from origination.models import LifeStep
from origination.problems import CostAboveCap, MoveInvalid
from origination.selectors.book import book_totals
from origination.selectors.journal import BookJournal
from origination.selectors.leases import find_leases, position_of
from tests.origination.life.test_moves import TODAY, book, codes, leases_by, make  # noqa: F401
from tests.origination.records import resident_number
from tests.origination.test_statement_pages import office, visitor  # noqa: F401 (fixtures)
from tests.origination.test_statements import NOW


def test_a_change_of_the_contract_counts_from_its_day_for_the_book_too(book):  # noqa: F811
    lease = next(lease for lease in leases_by(claim=True, late=False) if _rentals(lease) > 4)
    day, now = TODAY - timedelta(days=3), NOW + timedelta(days=90)
    given = {"as_of": TODAY + timedelta(days=80), "known_at": now}
    [before], single = book_totals(**given), position_of(lease, **given).allocation.state
    then = position_of(lease, as_of=day - timedelta(days=1), known_at=now).replay
    made = make(
        lease, Move.PAUSE, book.back_office, on=day, holiday_months="2",
        holiday_interest="deferred", reason="repairs",
    )  # fmt: skip
    entry = entries(kind="lease.amended").get()
    assert payload(entry.index) | made.facts == payload(entry.index)
    assert (entry.rid, made.state) == (lease.rid, "active")
    found = position_of(lease, **given)
    assert found.allocation.state.due_minor < single.due_minor
    [after] = book_totals(**given)
    assert before.arrears_minor - after.arrears_minor == (
        single.arrears_minor - found.allocation.state.arrears_minor
    )
    again = position_of(lease, as_of=day - timedelta(days=1), known_at=now).replay
    assert (again.allocation(), again.payoff()) == (then.allocation(), then.payoff())
    known = NOW - timedelta(seconds=1)  # before it was agreed
    assert position_of(lease, as_of=given["as_of"], known_at=known).allocation.state.due_minor == (
        single.due_minor
    )
    book_journal = BookJournal(first=day, last=TODAY, known_at=now)
    changed = [row.entry for row in book_journal if row.entry.kind == "amendment"]
    assert [row.day for row in changed] == [day]
    [balance] = book_journal.balances.values()
    assert sum(balance.closing(account) for account in Account) == 0


def _rentals(lease):
    return sum(row.due_on > TODAY for row in schedule(terms_of(lease.record)))


def test_a_change_that_cannot_be_made_is_named_and_a_costly_rate_refused(book):  # noqa: F811
    lease = next(lease for lease in leases_by(claim=True, late=False) if _rentals(lease) > 4)
    wrong = (
        (Move.RESTRUCTURE, {}, {"on": "nothing_asked"}),
        (Move.RESTRUCTURE, {"holiday_months": "2"}, {"holiday_interest": "interest_missing"}),
        (Move.EXTEND, {"months": "61"}, {"months": "not_whole"}),
        (Move.CHANGE_RATE, {"annual_nominal_rate": "6.5"}, {"annual_nominal_rate": "not_rate"}),
        (
            Move.CHANGE_RATE,
            {"annual_nominal_rate": lease.record["annual_nominal_rate"]},
            {"annual_nominal_rate": "same"},
        ),
    )
    for move, given, expected in wrong:
        with pytest.raises(MoveInvalid) as refused:
            make(lease, move, book.back_office, reason="x", **given)
        assert codes(refused) == expected, move
    with pytest.raises(CostAboveCap):
        make(
            lease, Move.CHANGE_RATE, book.back_office, reason="x", annual_nominal_rate="0.9",
        )  # fmt: skip
    assert LifeStep.objects.count() == 0


def test_the_page_works_a_change_out_before_it_makes_it(office):  # noqa: F811
    lease = next(lease for lease in leases_by(claim=True, late=False) if _rentals(lease) > 4)
    url = f"/leases/{lease.rid}/moves/extend/"
    body = {"on": TODAY.isoformat(), "seen": "0", "months": "6", "reason": "x"}
    shown = office.post(url, body)
    before, after = (shown.context["amended"][name] for name in ("before", "after"))
    assert (shown.status_code, after["count"] - before["count"]) == (200, 6)
    assert after["rent"] < before["rent"]
    assert not LifeStep.objects.exists()
    assert office.post(url, body | {"make": "1"}).status_code == 302
    step = LifeStep.objects.get()
    assert (step.facts["months"], step.facts["rent_minor"]) == ("6", str(after["rent"]))
    rows = office.get(f"/leases/{lease.rid}/").context["position"].rows
    assert sum(row.receivable.due_on > TODAY for row in rows) == after["count"]
    rate = office.post(
        f"/leases/{lease.rid}/moves/change_rate/",
        body | {"annual_nominal_rate": "1.25", "seen": "1"},
    )
    assert rate.context["amended"]["after"]["rate"] == 0.0125


def test_a_lease_passes_to_a_new_lessee_who_is_erased_apart(book):  # noqa: F811
    lease = next(leases_by(claim=True, late=False))
    first, record = lease.lessee_name, lease.record
    new = {"lessee_kind": "person", "lessee_name": "王小红", "reason": "divorce"}
    wrong = (
        ("110101199003070010", "bad"),
        (lease.lessee_id_number, "same_lessee"),
        ("", "required"),
    )
    for number, _code in wrong:
        with pytest.raises(MoveInvalid) as refused:
            make(lease, Move.TRANSFER, book.back_office, lessee_id_number=number, **new)
        assert [*codes(refused)] == ["lessee_id_number"]
    late = next(leases_by(late=True))
    number = resident_number(321)
    with pytest.raises(MoveInvalid) as refused:
        make(late, Move.TRANSFER, book.back_office, lessee_id_number=number, **new)
    assert codes(refused) == {"move": "transferred_in_arrears"}
    made = make(lease, Move.TRANSFER, book.back_office, lessee_id_number=number, **new)
    lease.refresh_from_db()
    assert (lease.lessee_name, lease.lessee_id_number, lease.record) == ("王小红", number, record)
    assert [found.rid for found in find_leases(q="王小红")] == [lease.rid]
    by = {"by": book.manager.pk, "at": NOW, "reason": "subject_request"}
    erase_record(index=lease.entry_index, **by)
    lease.refresh_from_db()
    assert lease.lessee_name == "王小红"
    assert first not in str(lease.record)
    erase_record(index=made.entry_index, **by)
    lease.refresh_from_db()
    assert lease.lessee_name == ""
    assert LifeStep.objects.get().facts == {}
