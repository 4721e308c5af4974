"""The lessor's back office: what its pages say, who may write, and how many queries they take."""

from datetime import date, timedelta
from uuid import UUID

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from ledger.exchange.registry import VerifiedBatch, project
from ledger.selectors import entries
from origination.domain.servicing.events import EventKind
from origination.models import Lease, PaymentEvent, PledgeRequest, ShareGrant, Tape
from origination.selectors.book import book_totals
from origination.selectors.leases import position_of
from origination.services import import_tape, record_payment, reverse_payment
from tests.origination.books import AT, load_book, small_portfolio, tape_bytes
from tests.origination.records import lease_record

PAGES = ["/book/", "/leases/", "/tapes/", "/tapes/import/", "/payments/", "/grants/", "/pledges/",
         "/financing/", "/statements/", "/servicing/terms/", "/journal/"]  # fmt: skip


@pytest.fixture
def office(cast, client_of):
    return client_of(cast.back_office, cast.anda)


@pytest.fixture
def manager(cast, client_of):
    return client_of(cast.manager, cast.anda)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_open_empty_and_with_a_book(language, cast, client_of):
    client = client_of(cast.back_office, cast.anda, language=language)
    assert {page: client.get(page).status_code for page in PAGES} == dict.fromkeys(PAGES, 200)
    load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.anda):
        lease, tape = Lease.objects.first(), Tape.objects.get()
    pages = [*PAGES, f"/leases/{lease.rid}/", f"/tapes/{tape.pk}/"]
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    assert lease.vin in client.get(f"/leases/{lease.rid}/").content.decode()


def test_totals_are_the_sum_of_single_leases(cast, enter):
    load_book(cast.anda, by=cast.back_office)
    enter(cast.anda)
    day = date(2026, 2, 15)
    states = [
        position_of(lease, as_of=day, known_at=AT).allocation.state for lease in Lease.objects.all()
    ]
    [total] = book_totals(as_of=day, known_at=AT)
    assert total.leases == len(states)
    assert total.balance_minor == sum(state.balance_minor for state in states)
    assert total.arrears_minor == sum(state.arrears_minor for state in states)
    assert total.late == sum(state.days_past_due > 0 for state in states) > 0


def test_totals_follow_every_new_line_lease_and_rollback(cast, enter):
    load_book(cast.anda, by=cast.back_office)
    enter(cast.anda)
    given = {"as_of": date(2026, 2, 15), "known_at": AT + timedelta(days=90)}
    [before] = book_totals(**given)
    assert book_totals(**given) == [before]
    positions = {lease: position_of(lease, **given) for lease in Lease.objects.all()}
    lease = next(x for x, found in positions.items() if found.allocation.state.arrears_minor > 100)
    line = {"lease": lease, "amount_minor": 100, "effective_on": date(2026, 1, 6), "at": AT}

    class Undone(Exception):
        pass

    with pytest.raises(Undone), transaction.atomic():
        record_payment(**line | {"at": AT + timedelta(days=2)}, bank_reference="UNDONE")
        [during] = book_totals(**given)
        assert during != before
        raise Undone
    assert book_totals(**given) == [before]
    record_payment(**line | {"at": AT + timedelta(days=2)}, bank_reference="KEPT")
    assert book_totals(**given) == [during]
    booked = PaymentEvent.objects.get(bank_reference="KEPT")
    reverse_payment(payment=booked, at=AT + timedelta(days=3))  # a new line about an old one
    assert book_totals(**given) == [before]
    import_tape(
        content=pl.DataFrame([lease_record(901)]).write_csv().encode(),
        file_name="one.csv",
        by=cast.back_office.pk,
        at=AT,
    )
    [after] = book_totals(**given)
    assert after.leases == before.leases + 1


def test_the_list_searches_filters_and_keeps_its_query_count(cast, office):
    load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.anda):
        lease = Lease.objects.last()
    for text in (lease.contract_number, lease.vin, lease.lessee_name):
        page = office.get("/leases/", {"q": text}).context["page_obj"]
        assert lease.rid in {found.rid for found in page}
    page = office.get("/leases/", {"province": lease.province, "energy": lease.energy})
    found = list(page.context["page_obj"])
    assert {(row.province, row.energy) for row in found} == {(lease.province, lease.energy)}
    with CaptureQueriesContext(
        connection,
    ) as few:
        office.get("/leases/", {"q": lease.vin})
    with CaptureQueriesContext(connection) as many:
        office.get("/leases/")
    assert len(few) == len(many)


def _upload(client, content, **more):
    file = SimpleUploadedFile("tape.csv", content)
    return client.post("/tapes/import/", {"file": file, **more}, follow=True)


def test_a_wrong_row_is_named_and_keeps_the_tape_out_unless_good_rows_are_kept(cast, office):
    frame = pl.read_csv(tape_bytes(small_portfolio()), infer_schema=False)
    vins = frame["vin"].to_list()
    wrong = frame.with_columns(vin=pl.Series(["NOT-A-VIN", *vins[1:]])).write_csv().encode()
    answer = _upload(office, wrong)
    assert answer.status_code == 422
    [line] = [line for line in answer.context["lines"] if line["field"] == "vin"]
    assert (line["row"], line["value"]) == (1, "NOT-A-VIN")
    assert line["mend"]
    with tenant_context(cast.anda):
        assert not Lease.objects.exists()
    answer = _upload(office, wrong, keep_good="on")
    tape = answer.context["tape"]
    assert (tape.taken, tape.refused) == (len(frame) - 1, 1)
    assert "NOT-A-VIN" in answer.content.decode()
    assert _upload(office, wrong).status_code == 409


def test_a_bank_line_is_booked_and_taken_back(cast, office):
    load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.anda):
        lease = Lease.objects.first()
        before = lease.payments.count()
    line = {
        "contract_number": lease.contract_number,
        "kind": "rent",
        "amount": "12.30",
        "effective_on": "2026-01-02",
        "bank_reference": "BY-HAND-1",
    }
    assert office.post("/payments/book/", line).status_code == 302
    assert office.post("/payments/book/", line).status_code == 422
    assert office.post("/payments/book/", line | {"amount": "1.001"}).status_code == 422
    for day in ("01/02/2026", "1900-01-01", "9999-12-31", "2026-02-30"):
        wrong = office.post("/payments/book/", line | {"effective_on": day})
        assert wrong.status_code == 422
        assert "Write year, month and day" in str(wrong.context["form"].errors["effective_on"])
    missing = office.post("/payments/book/", line | {"contract_number": "NONE"})
    assert missing.context["form"].errors.keys() == {"contract_number"}
    with tenant_context(cast.anda):
        booked = PaymentEvent.objects.get(bank_reference="BY-HAND-1")
        assert (booked.amount_minor, booked.lease_id) == (1230, lease.rid)
    assert office.post(f"/payments/{booked.pk}/reverse/").status_code == 302
    assert office.post(f"/payments/{booked.pk}/reverse/").status_code == 422
    with tenant_context(cast.anda):
        assert lease.payments.filter(kind=EventKind.REVERSAL, reverses="BY-HAND-1").count() == 1
        assert lease.payments.count() == before + 2


def test_access_is_granted_once_and_ended(cast, manager):
    grant = {"to_tenant": str(cast.trust.pk)}
    assert manager.post("/grants/make/", grant).status_code == 302
    assert manager.post("/grants/make/", grant).status_code == 422
    with tenant_context(cast.anda):
        rid = ShareGrant.objects.get(ended_at=None).pk
    assert manager.post(f"/grants/{rid}/end/").status_code == 302
    with tenant_context(cast.anda):
        assert not ShareGrant.objects.filter(ended_at=None).exists()


def _asked_of(tenant, cast, number=0, form="pledge"):
    with tenant_context(tenant):
        return PledgeRequest.objects.create(
            rid=UUID(int=number + 10),
            from_tenant_id=cast.trust.pk,
            fields={"form": form},
            lease_rids=[str(lease.rid) for lease in Lease.objects.all()[:3]],
            requested_at=AT,
        )


def test_a_pledge_is_read_and_decided_once(cast, manager, client_of):
    load_book(cast.anda, by=cast.back_office)
    pledge = _asked_of(cast.anda, cast)
    url = f"/pledges/{pledge.pk}/decide/"
    assert client_of(cast.back_office, cast.anda).get(url).status_code == 403
    assert "asks you to pledge" in manager.get("/pledges/").content.decode()
    page = manager.get(url)
    assert "secure what you owe" in page.content.decode()
    assert page.context["page_obj"].paginator.count == 3
    with tenant_context(cast.anda):
        total = sum(lease.financed_amount_minor for lease in Lease.objects.all()[:3])
    assert page.context["row"].amounts == [("CNY", total)]
    for unclear in ({}, {"decision": ""}, {"decision": "Accept"}, {"reason": "by accident"}):
        answer = manager.post(url, unclear)
        assert answer.status_code == 400
        assert "neither yes nor no" in answer.content.decode()
        with tenant_context(cast.anda):
            pledge.refresh_from_db()
            assert (pledge.state, pledge.entry_index) == ("requested", None)
    assert manager.post(url, {"decision": "accept"}).status_code == 302
    assert manager.post(url, {"decision": "refuse"}).status_code == 409
    with tenant_context(cast.anda):
        pledge.refresh_from_db()
        assert (pledge.state, pledge.entry_index is not None) == ("accepted", True)


def test_a_request_that_is_received_anew_is_as_the_ledger_answers_it(cast, manager):
    """As after a restoration from a copy: the table is empty, the trust's log comes once more."""
    pledge = _asked_of(cast.anda, cast)
    url = f"/pledges/{pledge.pk}/decide/"
    assert manager.post(url, {"decision": "accept"}).status_code == 302
    with tenant_context(cast.anda):
        pledge.refresh_from_db()
        asked = {"pledge.requested": pledge.fields, "pledge.perfected": {}}
        paid = {"pledge": str(pledge.pk), "amount_minor": "9", "bank_reference": "B1"}
        for kinds, state in (
            (["pledge.requested"], "accepted"),
            (["pledge.perfected", "pool.disbursed", "pledge.requested"], "perfected"),
        ):
            PledgeRequest.objects.all().delete()
            for kind in kinds:  # a parcel's kinds come by their names
                fields = [asked.get(kind, paid)]
                stamp = "2026-01-05T00:00:00.000000Z"
                rids = [str(pledge.pk)]
                project(VerifiedBatch(cast.trust.pk, kind, AT, [0], rids, [stamp], fields))
            again = PledgeRequest.objects.get()
            told = (
                again.state,
                again.entry_index,
                again.decided_by,
                again.decided_at,
                again.fields,
            )
            assert told == (
                (state, pledge.entry_index, cast.manager.pk, pledge.decided_at, pledge.fields)
            )
        assert (again.paid_minor, again.bank_reference) == (9, "B1")
        # brought back as it was before the answer
        PledgeRequest.objects.update(state="requested", entry_index=None)
    assert manager.post(url, {"decision": "accept"}).status_code == 302
    with tenant_context(cast.anda):
        assert entries(kind="pledge.accepted").count() == 1
        again.refresh_from_db()
        assert (again.state, again.entry_index) == ("accepted", pledge.entry_index)


def test_a_request_whose_time_is_over_is_not_accepted(cast, manager):
    pledge = _asked_of(cast.anda, cast)
    with tenant_context(cast.anda):
        pledge.fields |= {"answer_by": "2026-01-02T00:00:00+00:00"}
        pledge.save()
    url = f"/pledges/{pledge.pk}/decide/"
    page = manager.get(url).content.decode()
    assert "The time for an answer is over." in page and 'value="accept"' not in page
    answer = manager.post(url, {"decision": "accept"})
    assert answer.status_code == 409
    assert "reserved for an answer until 2026-01-02 00:00 UTC" in answer.content.decode()
    with tenant_context(cast.anda):
        assert not entries(kind="pledge.accepted").exists()
    assert manager.post(url, {"decision": "refuse"}).status_code == 302


def test_a_sale_says_what_it_means(cast, manager):
    load_book(cast.anda, by=cast.back_office)
    pledge = _asked_of(cast.anda, cast, form="sale")
    body = manager.get(f"/pledges/{pledge.pk}/decide/").content.decode()
    assert "asks you to sell" in body
    assert "only where you breached a warranty" in body


def test_financing_is_asked_for_by_a_manager_and_listed(cast, manager, office, client_of):
    asked = {
        "to_tenant": str(cast.trust.pk), "amount": "5000000", "term_months": "36",
        "purpose": "Leases of the coming year",
    }  # fmt: skip
    assert office.get("/financing/").context["may_ask"] is False
    assert office.post("/financing/ask/", asked).status_code == 403
    for wrong in ({"amount": "0"}, {"term_months": "0"}, {"purpose": ""},
                  {"to_tenant": str(cast.xingyu.pk)}):  # fmt: skip
        page = manager.post("/financing/ask/", asked | wrong)
        assert (page.status_code, page.context["form"].errors.keys()) == (422, wrong.keys())
    assert manager.post("/financing/ask/", asked).status_code == 302
    [row] = manager.get("/financing/").context["applied"]
    assert (row.institution, row.application.amount_minor) == (cast.trust, 500_000_000)
    assert row.application.state == "sent"
    chinese = client_of(cast.manager, cast.anda, language="zh-hans").get("/financing/")
    assert "华信信托" in chinese.content.decode()


def test_pages_of_pledges_and_financing_keep_their_query_count(cast, manager):
    load_book(cast.anda, by=cast.back_office)
    _asked_of(cast.anda, cast)
    asked = {"to_tenant": str(cast.trust.pk), "amount": "9", "term_months": "3", "purpose": "x"}
    manager.post("/financing/ask/", asked)

    def queries(url):
        manager.get(url)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            manager.get(url)
        return len(captured)

    few = [queries("/pledges/"), queries("/financing/")]
    for number in (1, 2):
        _asked_of(cast.anda, cast, number)
        manager.post("/financing/ask/", asked)
    assert [queries("/pledges/"), queries("/financing/")] == few


def test_who_may_not_write_is_refused(cast, client_of, office):
    officer = client_of(cast.officer, cast.anda)
    assert officer.get("/leases/").status_code == 200
    assert officer.get("/tapes/import/").status_code == 403
    assert officer.post("/payments/book/").status_code == 403
    assert office.post("/grants/make/").status_code == 403


def test_identity_numbers_are_for_those_who_may_read_contents(cast, client_of, office):
    load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.anda):
        lease = Lease.objects.first()
    url = f"/leases/{lease.rid}/"
    assert lease.lessee_id_number in office.get(url).content.decode()
    officer = client_of(cast.officer, cast.anda)
    assert lease.lessee_id_number not in officer.get(url).content.decode()
