"""The back office's pages about statements and terms of servicing."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tenants.utils import tenant_context

from origination.models import LineState, PaymentEvent, ServicingTermsSet, StatementLine
from origination.selectors.leases import position_of
from tests.origination.books import load_book
from tests.origination.test_statements import NOW, csv_of, late_leases


class Visitor:
    """A client after each of whose requests the test is inside the tenant again."""

    def __init__(self, client, tenant):
        self._client, self._tenant = client, tenant

    def _sent(self, method, *args):
        with tenant_context(self._tenant):
            return getattr(self._client, method)(*args)

    def get(self, *args):
        return self._sent("get", *args)

    def post(self, *args):
        return self._sent("post", *args)


@pytest.fixture
def visitor(cast, client_of):
    return lambda person: Visitor(client_of(person, cast.anda), cast.anda)


@pytest.fixture
def office(cast, visitor, enter, monkeypatch):
    load_book(cast.anda, by=cast.back_office)
    monkeypatch.setattr("tenants.clock.now", lambda: NOW)
    monkeypatch.setattr("tenants.clock.today", lambda: NOW.date())
    found = visitor(cast.back_office)
    enter(cast.anda)
    return found


def take(client, content, name="jan.csv"):
    return client.post("/statements/take/", {"file": SimpleUploadedFile(name, content)})


def test_lines_are_confirmed_one_by_one_and_all_safe_ones_after_a_preview(office):
    (lease, owed), (other, due), (third, _) = late_leases()
    taken = take(
        office,
        csv_of(
            f"2026-01-20,{owed / 100},{lease.lessee_name},A-1,{lease.contract_number},T1,",
            f"2026-01-20,{due / 100},{other.lessee_name},A-2,{other.contract_number},T2,",
            "2026-01-20,12.34,某人,A-3,不明,T3,",
        ),
    )
    assert taken.status_code == 302
    page = office.get("/statements/").content.decode()
    assert lease.contract_number in page and "某人" in page
    preview = office.get("/statements/safe/")
    shown = [
        f"{row.line.pk}:{row.best.rid}:{row.best.kind}" for row in preview.context["rows"]
    ]  # fmt: skip
    assert len(shown) == 2
    before = PaymentEvent.objects.count()
    stale = [shown[0].replace(str(lease.rid), str(third.rid)), *shown[1:]]
    assert office.post("/statements/safe/", {"line": stale}).url == "/statements/safe/"
    assert PaymentEvent.objects.count() == before
    assert office.post("/statements/safe/", {"line": shown}).url == "/statements/"
    assert PaymentEvent.objects.count() == before + 2
    assert position_of(lease, as_of=NOW.date(), known_at=NOW).allocation.state.arrears_minor == 0

    unknown = StatementLine.objects.get(reference="T3")
    url = f"/statements/lines/{unknown.pk}/"
    assert office.get(url).status_code == 200
    form = {
        "part-TOTAL_FORMS": 3,
        "part-INITIAL_FORMS": 0,
        "part-0-kind": "rent",
        "part-0-contract_number": third.contract_number,
        "part-0-amount": "10.00",
        "part-1-kind": "rent",
        "part-2-kind": "rent",
    }
    short = office.post(url, form)
    assert short.status_code == 422
    assert "2.34" in short.content.decode()
    rest = {"part-1-kind": "rent", "part-1-contract_number": lease.contract_number,
            "part-1-amount": "2.34"}  # fmt: skip
    assert office.post(url, form | rest).status_code == 302
    assert StatementLine.objects.get(pk=unknown.pk).state == LineState.BOOKED
    assert office.get("/statements/?state=booked").status_code == 200


def test_a_wrong_statement_is_named_on_the_page_and_a_line_is_set_aside(office):
    wrong = take(office, "日期,金额\n2026-99-01,5\n".encode())
    assert wrong.status_code == 422
    assert "2026-99-01" in wrong.content.decode()
    assert take(office, csv_of("2026-01-20,-3.00,银行,,手续费,Z1,")).status_code == 302
    line = StatementLine.objects.get()
    url = f"/statements/lines/{line.pk}/aside/"
    assert office.post(url, {"reason": ""}).status_code == 422
    assert office.post(url, {"reason": "fee"}).status_code == 302
    assert office.post(url, {"again": "1"}).status_code == 302
    assert StatementLine.objects.get().state == LineState.OPEN


def test_terms_are_set_by_a_manager_and_govern_new_contracts(office, cast, visitor):
    late = {"daily_rate": "0.0005", "grace_days": 0}
    text = json.dumps([{"from": "2000-01-01", "late_interest": late}])
    assert office.post("/servicing/terms/", {"versions": text}).status_code == 403
    manager = visitor(cast.manager)
    wrong = manager.post("/servicing/terms/", {"versions": text.replace("0.0005", "5")})
    assert wrong.status_code == 422
    assert "daily_rate" in wrong.content.decode()
    odd = [
        "9" * 5000,
        "[" * 9000,
        "{}",
        "[5]",
        '[{"from": 5, "order": 7, "across": {}}]',
        '[{"from": "2024-01-01", "late_interest": {"daily_rate": "sNaN", "base": []}}]',
        '[{"from": "2024-01-01", "settlement": {"interest": {}}}]',
        '[{"from": "2024-01-01", "settlement": {"charges": [{"months": 1e400}]}}]',
    ]
    assert [manager.post("/servicing/terms/", {"versions": v}).status_code for v in odd] == (
        [422] * len(odd)
    )
    above = [{"from": "2024-01-01", "late_interest": {"daily_rate": "0.0007"}}]  # 25.55 % a year
    capped = manager.post("/servicing/terms/", {"versions": json.dumps(above)})
    assert capped.status_code == 422
    assert "0.2555" in capped.content.decode()
    [(lease, owed)] = late_leases(1)
    assert manager.post("/servicing/terms/", {"versions": text}).status_code == 302
    assert "0.0500%" in manager.get("/servicing/terms/").content.decode()
    state = position_of(lease, as_of=NOW.date(), known_at=NOW).allocation.state
    assert state.late_interest_minor > 0
    assert ServicingTermsSet.objects.get().entry_index > 0
    assert owed
