"""Quotes over HTTP: worked out, signed and kept once; a breach of a cap names rule and mend."""

from decimal import Decimal

from django.utils import timezone

from ledger import selectors as ledger
from origination.domain.quotes import calculate, load_rules
from origination.domain.quotes.rules import SHIPPED
from origination.models import Lease
from origination.services.quotes import quote_fields
from tests.mobile_api.phone import LEASE
from tests.mobile_api.test_submission import inside, officer, phone  # noqa: F401
from tests.origination.quotes.inputs import PLAIN

DEAR = PLAIN | {"annual_nominal_rate": "0.26"}


def signed(phone, inputs, **changes):  # noqa: F811
    fields = quote_fields(inputs, calculate(inputs, load_rules())) | changes
    head = ledger.head()
    return phone.sign(fields, log_id=head.log_id, at=timezone.now(), kind="quote.recorded")


def post(client, path, body):
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def test_a_quote_is_worked_out_as_the_kernel_does(officer):  # noqa: F811
    answer = post(officer, "quote/", {"inputs": PLAIN})
    assert answer.json() == calculate(PLAIN, load_rules()).as_record()
    wrong = post(officer, "quote/", {"inputs": PLAIN | {"steps": "36:100"}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "quote_invalid")
    assert [error["field"] for error in wrong.json()["errors"]] == ["steps"]


def test_a_signed_quote_is_kept_once_and_has_its_receipt(officer, phone):  # noqa: F811
    body = signed(phone, PLAIN)
    first, again = post(officer, "quotes/", body), post(officer, "quotes/", body)
    assert (first.status_code, again.status_code) == (201, 200)
    [entry] = ledger.entries(kind="quote.recorded")
    assert str(entry.rid) == body["rid"]
    receipt = officer.get(f"/api/v1/quotes/{body['rid']}/receipt/").json()
    assert receipt["index"] == str(entry.index)
    assert officer.get(f"/api/v1/leases/{body['rid']}/receipt/").status_code == 404
    refused = officer.get(f"/api/v1/quotes/{body['rid']}/receipt/?checkpoint=met").json()
    assert [error["field"] for error in refused["errors"]] == ["checkpoint"]


def test_a_quote_that_says_other_figures_is_refused(officer, phone):  # noqa: F811
    answer = post(officer, "quotes/", signed(phone, PLAIN, all_in_nominal="0.050000"))
    assert (answer.status_code, answer.json()["code"]) == (422, "quote_differs")
    [error] = answer.json()["errors"]
    assert (error["field"], "0.068500" in error["detail"]) == ("all_in_nominal", True)
    assert not ledger.entries(kind="quote.recorded").exists()


def test_a_breach_blocks_and_names_rule_figure_and_mend(officer, phone):  # noqa: F811
    answer = post(officer, "quotes/", signed(phone, DEAR))
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "cost_above_cap")
    for said in ("0.260000", "0.240000", "法发〔2017〕22号", "Court practice", "2026-03-02"):
        assert said in body["detail"]
    assert "a rate of 0.240000 is within" in body["mend"]
    assert not ledger.entries(kind="quote.recorded").exists()
    late = post(officer, "quotes/", signed(phone, PLAIN | {"late_rate_daily": "0.001"}))
    assert "0.365000 a year" in late.json()["detail"]


def test_the_regime_of_the_installation_caps_a_lease_too(officer, phone, settings):  # noqa: F811
    """Four times the LPR of 3 %: a lease of 13 % is within court practice and above this."""
    settings.COST_REGIME = "private_lending"
    fields = LEASE | {"annual_nominal_rate": "0.13", "rent_minor": "377369"}
    head = ledger.head()
    body = phone.sign(fields, log_id=head.log_id, at=timezone.now())
    answer = post(officer, "leases/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "cost_above_cap")
    assert "0.120000" in answer.json()["detail"]
    assert not Lease.objects.exists()
    settings.COST_REGIME = "licensed_lessor"
    assert post(officer, "leases/", body).status_code == 201


def test_an_operator_brings_rules_of_its_own(officer, settings, tmp_path):  # noqa: F811
    text = SHIPPED.read_text("utf-8").replace('"0.240000"', '"0.100000"')
    settings.QUOTE_RULES_FILE = str(tmp_path / "rules.json")
    (tmp_path / "rules.json").write_text(text, "utf-8")
    answer = post(officer, "quote/", {"inputs": PLAIN | {"annual_nominal_rate": "0.11"}})
    assert answer.json()["within_caps"] is False
    assert Decimal(answer.json()["caps"][0]["limit"]) == Decimal("0.1")
