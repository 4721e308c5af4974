"""The journal of a lease and of the book, and settlement quotes, as the back office gets them."""

import csv
import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import openpyxl

from origination.domain.servicing.accounts import Account
from origination.models import Lease, PaymentEvent
from origination.selectors.journal import BookJournal
from origination.selectors.leases import position_of
from origination.selectors.servicing import replay_of
from origination.services import record_payment, reverse_payment
from tests.origination.test_statement_pages import office, visitor  # noqa: F401 (fixtures)
from tests.origination.test_statements import NOW, late_leases

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)


def test_the_book_balances_and_a_period_goes_on_from_the_one_before(office):  # noqa: F811
    payment = PaymentEvent.objects.filter(kind="rent", effective_at__lt=NOW).last()
    reverse_payment(payment=payment, at=NOW)
    month = BookJournal(first=FIRST, last=NOW.date(), known_at=NOW)
    entries = list(month)
    assert all(sum(amount for _, amount in found.entry.postings) == 0 for found in entries)
    assert all(FIRST <= found.entry.day <= NOW.date() for found in entries)
    [balance] = month.balances.values()
    assert sum(balance.closing(account) for account in Account) == 0
    states = [
        position_of(lease, as_of=NOW.date(), known_at=NOW).allocation.state
        for lease in Lease.objects.filter(originated_on__lte=NOW.date())
    ]
    assert balance.closing(Account.DUE) == sum(state.arrears_minor for state in states)
    assert balance.closing(Account.BANK) == sum(
        state.paid_minor + state.recovered_minor for state in states
    )
    before = BookJournal(first=date(2020, 1, 1), last=FIRST - timedelta(days=1), known_at=NOW)
    list(before)
    [earlier] = before.balances.values()
    assert {a: earlier.closing(a) for a in Account} == balance.opening


def test_the_journal_is_handed_out_as_a_workbook_and_as_csv(office):  # noqa: F811
    asked = {"first": FIRST.isoformat(), "last": LAST.isoformat()}
    workbook = office.get("/journal/", {**asked, "form": "xlsx"})
    sheets = openpyxl.load_workbook(io.BytesIO(workbook.getvalue()), read_only=True)
    rows = list(sheets["Journal 1"].values)
    assert rows[0][:3] == ("Day", "Contract number", "Currency")
    sides = [[Decimal(str(cell or 0)) for cell in (*row, None)[7:9]] for row in rows[1:]]
    assert sum(debit - credit for debit, credit in sides) == 0
    balances = list(sheets["Trial balance"].values)[1:]
    assert len(balances) == len(Account)
    assert sum(Decimal(str(row[5])) for row in balances) == 0
    archive = zipfile.ZipFile(
        io.BytesIO(office.get("/journal/", {**asked, "form": "csv"}).getvalue())
    )
    journal = list(csv.reader(io.TextIOWrapper(archive.open("journal.csv"), "utf-8-sig")))
    assert len(journal) == len(rows)
    wrong = office.get("/journal/", {"first": "2026-02-01", "last": "2026-01-01", "form": "csv"})
    assert wrong.status_code == 422


def test_a_quote_for_any_day_is_paid_to_the_cent(office):  # noqa: F811
    lease = next(
        lease
        for lease, _ in late_leases(20)
        if not replay_of(lease, as_of=NOW.date(), known_at=NOW).settled_on
    )
    day = (NOW.date() - timedelta(days=3)).isoformat()
    page = office.get(f"/leases/{lease.rid}/settlement/", {"day": day})
    total = page.context["quote"].total_minor
    assert office.get(f"/leases/{lease.rid}/settlement/", {"day": "x"}).status_code == 422
    ahead = office.get(f"/leases/{lease.rid}/settlement/", {"day": "2027-01-01"})
    assert ahead.context["is_future"]
    record_payment(
        lease=lease, amount_minor=total, effective_on=date.fromisoformat(day),
        bank_reference="SETTLES", kind="settlement", at=NOW,
    )  # fmt: skip
    state = position_of(lease, as_of=NOW.date(), known_at=NOW).allocation.state
    assert (state.settled_on, state.balance_minor) == (date.fromisoformat(day), 0)
    journal = office.get(f"/leases/{lease.rid}/journal/")
    assert dict(journal.context["balances"]).keys().isdisjoint({"Rentals due", "Rentals not due"})
    assert office.get(f"/leases/{lease.rid}/").status_code == 200
