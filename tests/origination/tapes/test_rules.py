"""Rules of a tape: each can be broken, a clean lease breaks none, and words are there."""

from datetime import date

import polars as pl
import pytest

from origination.domain.lease_fields import Severity
from origination.domain.tapes import changes
from origination.domain.tapes.changes import compare
from origination.domain.tapes.mapping import Place, TapeMapping, Written
from origination.domain.tapes.rules import ACROSS, RULES, judge, judge_across
from origination.domain.tapes.score import Tally, score
from origination.generator.frames import LEASE_FIELDS
from tests.origination.books import small_portfolio
from tests.origination.records import lease_record

TODAY = date(2026, 1, 5)
#: A lease in its middle, as a servicer reports it.
STATE = {
    "reported_on": "2025-12-31", "status": "active", "balance_minor": "6000000",
    "arrears_minor": "0", "days_past_due": "0", "remaining_months": "13",
    "paid_total_minor": "10500000", "paid_through_on": "2025-12-15", "next_due_on": "2026-01-15",
}  # fmt: skip
COMPANY = {"lessee_kind": "company", "lessee_name": "安达运输有限公司"}
BACK = {"product": "sale_leaseback"}
OVERDUE = {"status": "overdue", "days_past_due": "10", "arrears_minor": "476482"}
#: rule → changes of the clean row that break it
BREAKS = {
    "originated_in_future": {"originated_on": "2026-02-01"},
    "placeholder_date": {"originated_on": "2000-01-01"},
    "first_payment_late": {"first_payment_on": "2024-06-15"},
    "advance_pays_late": {"rent_timing": "advance", "first_payment_on": "2024-03-15"},
    "arrears_pays_at_once": {"first_payment_on": "2024-01-15"},
    "term_unlike_life": {"maturity_on": "2028-01-15"},
    "payment_day_moves": {"maturity_on": "2027-01-05"},
    "very_short_term": {"term_months": "3"},
    "very_old_lease": {"originated_on": "2004-01-15"},
    "model_year_after_lease": {"model_year": "2026"},
    "old_new_vehicle": {"model_year": "2020"},
    "used_before_built": {"condition": "used", "model_year": "2025", "odometer_km": "10"},
    "vehicle_old_at_maturity": {"condition": "used", "model_year": "2010"},
    "price_low": {"vehicle_price_minor": "200000"},
    "price_high": {"vehicle_price_minor": "2000000000"},
    "rent_low": {"rent_minor": "4764"},
    "financed_far_below_price": {"financed_amount_minor": "1500000"},
    "nothing_paid_first": {"financed_amount_minor": "20000000"},
    "rent_above_financed": {"rent_minor": "15000001"},
    "rents_below_financed": {"rent_minor": "400000"},
    "principal_rent_low": {"rent_pattern": "level_principal", "rent_minor": "400000"},
    "rate_zero": {"annual_nominal_rate": "0"},
    "rate_very_high": {"annual_nominal_rate": "0.4"},
    "rate_very_low": {"annual_nominal_rate": "0.000895"},
    "deposit_large": {"deposit_minor": "8000000"},
    "fee_large": {"fee_minor": "4000000"},
    "residual_above_financed": {"residual_minor": "16000000"},
    "nominal_purchase_high": {"residual_minor": "3000000"},
    "balloon_without_amount": {"residual_kind": "balloon", "residual_minor": "0"},
    "unguaranteed_leaseback": BACK | {"residual_kind": "unguaranteed"},
    "rent_above_income": {"lessee_income_monthly_minor": "400000"},
    "income_very_high": {"lessee_income_monthly_minor": "200000000"},
    "foreign_currency": {"currency": "USD"},
    "lessee_not_of_age": {"lessee_id_number": "110101200803070017"},
    "lessee_old": {"lessee_id_number": "110101194003070017"},
    "company_name_of_person": {"lessee_name": "安达运输有限公司"},
    "person_name_of_company": COMPANY | {"lessee_name": "李晓明"},
    "name_with_digits": {"lessee_name": "李晓明2"},
    "name_placeholder": {"lessee_name": "测试01"},
    "name_hidden": {"lessee_name": "李**"},
    "person_employed_as_company": {"employment": "company"},
    "company_employed": COMPANY | {"employment": "salaried"},
    "driver_of_private_vehicle": {"employment": "ride_hailing"},
    "company_of_private_vehicle": COMPANY,
    "identity_of_other_province": {"province": "31"},
    "phone_placeholder": {"lessee_phone": "13888888888"},
    "group_of_person": {"lessee_group": "G1"},
    "company_scored": COMPANY | {"credit_score": "700"},
    "new_with_mileage": {"odometer_km": "5000"},
    "used_never_run": {"condition": "used", "odometer_km": "0"},
    "used_without_mileage": {"condition": "used"},
    "mileage_for_age": {"condition": "used", "odometer_km": "900000"},
    "vin_of_other_year": {"model_year": "2021", "condition": "used", "odometer_km": "9"},
    "vin_serial_empty": {"vin": "LSVAB12C0PW000000"},
    "plate_unlike": {"plate": "ABC-123"},
    "plate_of_other_province": {"plate": "沪A12345"},
    "green_plate_of_engine": {"plate": "京AD12345", "energy": "petrol"},
    "electric_too_early": {"model_year": "2005"},
    "model_is_make": {"vehicle_model": "BYD"},
    "value_above_price": {"vehicle_value_minor": "30000000"},
    "reported_in_future": {"reported_on": "2026-01-31"},
    "reported_before_lease": {"reported_on": "2023-12-31"},
    "balance_above_financed": {"balance_minor": "15000001"},
    "settled_with_balance": {"status": "settled"},
    "runs_without_balance": {"balance_minor": "0"},
    "over_with_arrears": {"status": "settled", "arrears_minor": "1"},
    "arrears_above_balance": {"arrears_minor": "13000000"},
    "overdue_without_days": {"status": "overdue"},
    "active_but_late": {"days_past_due": "31"},
    "days_without_arrears": {"days_past_due": "5"},
    "arrears_without_days": {"arrears_minor": "1"},
    "days_above_life": OVERDUE | {"days_past_due": "800"},
    "remaining_above_term": {"remaining_months": "40"},
    "remaining_after_maturity": {"maturity_on": "2025-10-15"},
    "remaining_unlike_dates": {"remaining_months": "20"},
    "paid_through_after_maturity": {"paid_through_on": "2027-02-15"},
    "paid_through_before_lease": {"paid_through_on": "2023-12-15"},
    "paid_through_unlike_days": {"paid_through_on": "2025-09-15"},
    "next_due_passed": {"next_due_on": "2025-12-15"},
    "next_due_after_maturity": {"next_due_on": "2027-02-15"},
    "paid_above_owed": {"paid_total_minor": "30000000"},
    "principal_vanished": {"balance_minor": "1000000", "paid_total_minor": "1000000"},
    "ended_before_lease": {"ended_on": "2023-12-01"},
    "ended_after_report": {"ended_on": "2026-01-01"},
    "ended_and_running": {"ended_on": "2025-12-01"},
    "over_without_end": {"status": "terminated"},
    "charged_off_running": {"charged_off_minor": "100"},
    "charged_off_above_financed": {"charged_off_minor": "15000001"},
    "written_off_nothing": {"status": "written_off"},
    "recovered_without_loss": {"recovered_minor": "100"},
}  # fmt: skip


def found(*rows):
    return judge(pl.DataFrame(list(rows)), today=TODAY)


def clean(**changes):
    return lease_record(1, province="11") | STATE | changes


def test_a_clean_lease_breaks_no_rule():
    assert found(clean()).is_empty()
    assert found(lease_record(1, province="11")).is_empty()  # without a word on its state


def test_there_are_more_than_sixty_rules_each_of_which_is_broken_here():
    assert len(RULES) + len(ACROSS) > 60
    assert set(BREAKS) == {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_row_that_breaks_a_rule_is_told_with_its_field(rule):
    broken = found(clean(), clean(**BREAKS[rule.id])).filter(pl.col("code") == rule.id)
    assert broken.rows() == [(1, rule.field, rule.id)]
    assert rule.says.endswith(".") and rule.mend.endswith(".")


def test_rows_are_judged_beside_each_other():
    columns = pl.DataFrame(
        {"lessee_id_number": ["1", "1", "2", "3", "4"], "lessee_name": ["A", "B", "C", "C", "D"],
         "plate": ["p", None, "p", None, None], "vin": ["a", "b", "c", "d", "e"],
         "lessee_phone": ["t", "x", "t", "t", "t"]}
    )  # fmt: skip
    assert judge_across(columns).sort("code", "row").rows() == [
        (0, "lessee_id_number", "identity_of_two_names"),
        (1, "lessee_id_number", "identity_of_two_names"),
        (0, "lessee_phone", "phone_of_many"),
        (2, "lessee_phone", "phone_of_many"),
        (3, "lessee_phone", "phone_of_many"),
        (4, "lessee_phone", "phone_of_many"),
        (0, "plate", "plate_of_two_vehicles"),
        (2, "plate", "plate_of_two_vehicles"),
    ]


def test_a_generated_book_breaks_no_rule_that_would_keep_a_row_out():
    table = small_portfolio(500).leases.select(pl.col(n).cast(pl.String) for n in LEASE_FIELDS)
    stops = {rule.id for rule in RULES if rule.severity is not Severity.NOTE}
    assert set(judge(table, today=TODAY)["code"]) & stops == set()


def _changed(field, before, after, form=None):
    mapping = TapeMapping((Place(field, field, form),)) if form else None
    told = {"row": clean(), "now": clean()}
    told["row"][field], told["now"][field] = before, after
    seen = compare(pl.DataFrame([told["now"]]), pl.DataFrame([told["row"]]), mapping)
    return seen.findings["code"].to_list()


@pytest.mark.parametrize(
    ("field", "before", "after", "codes"),
    [
        ("vin", "A", "B", ["impossible_change"]),
        ("originated_on", "2024-01-15", "2024-01-16", ["impossible_change"]),
        ("term_months", "36", "48", ["term_changed"]),
        ("annual_nominal_rate", "0.0895", "0.089500", []),
        ("lessee_phone", None, "13812345678", ["detail_changed"]),
        ("plate", "京A1", None, []),  # says nothing
        ("balance_minor", "100", "101", ["balance_rose"]),
        ("balance_minor", "100", "99", []),
        ("balance_minor", None, "99", []),
        ("paid_total_minor", "100", "99", ["paid_total_fell"]),
        ("paid_through_on", "2025-02-01", "2025-01-01", ["paid_through_went_back"]),
        ("reported_on", "2026-01-31", "2025-12-31", ["report_went_back"]),
        ("odometer_km", "10", "9", ["odometer_fell"]),
        ("charged_off_minor", "10", "9", ["charged_off_fell"]),
        ("status", "settled", "active", ["reopened"]),
        ("days_past_due", "0", "60", ["days_jumped"]),
    ],
)
def test_changes_are_told_and_impossible_ones_named(field, before, after, codes):
    assert _changed(field, before, after) == codes


def test_no_more_is_compared_than_a_file_tells():
    assert _changed("maturity_on", "2027-01-15", "2027-01-01", Written.MONTH) == []
    assert _changed("vehicle_model", "x" * 40, "x" * 30, Written.TOKEN) == []


def test_another_vehicle_and_lessee_under_a_number_are_another_lease():
    now, before = clean(vin="B", lessee_id_number="2"), clean(vin="A", lessee_id_number="1")
    told = compare(pl.DataFrame([now]), pl.DataFrame([before])).findings
    assert told.rows() == [(0, "contract_number", "duplicate_in_book")]
    assert set(changes.RULES) >= set(told["code"])


def test_the_score_says_what_every_lost_point_is_for():
    flawless = score(Tally(10, {}, 100, 0, []))
    assert (str(flawless.points), flawless.parts) == ("100.0", ())
    poor = score(Tally(10, {"error": 5, "note": 1}, 100, 10, [("vin", "not_vin", "error", 5)]))
    assert [(part.code, str(part.lost)) for part in poor.parts] == [
        ("error", "25.0"), ("note", "0.5"), ("absent", "2.0"),
    ]  # fmt: skip
    assert poor.points == 100 - sum(part.lost for part in poor.parts)
    assert poor.parts[0].rules == (("vin", "not_vin", 5),)
    rare = score(Tally(10**6, {"error": 1}, 10**7, 0, []))
    assert rare.points < 100
