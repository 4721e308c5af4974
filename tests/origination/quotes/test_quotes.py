"""Quotes against published numbers, their algebra, and the schedules that leases follow."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from origination.domain.quotes import calculate, load_rules, parse
from origination.domain.quotes.quote import lessee_flows
from origination.domain.quotes.rate import NoSingleRate, annual_rate
from origination.domain.quotes.rentals import rentals
from origination.domain.rates import NoRate, all_in_cost
from origination.domain.schedule import LeaseTerms, Pattern, ResidualKind, Timing, schedule
from tenants.problems import Invalid
from tests.origination.quotes.inputs import PLAIN, quote_inputs

RULES = load_rules()
STRICT = load_rules(regime="strictest")
MANY = settings(max_examples=40, deadline=None)
WHOLE = PLAIN | {"first_payment_ratio": "0"}


def quoted(**changes):
    return calculate(WHOLE | changes, RULES)


def worked_out(inputs):
    """The quote, where these inputs make one."""
    try:
        return calculate(inputs, RULES)
    except (Invalid, NoSingleRate):
        assume(False)


# -- published numbers ------------------------------------------------------------------------


def test_numpy_financial_pmt():
    rent = quoted(price_minor="1500000", term_months="60", annual_nominal_rate="0.08")
    assert rent.rentals[0].amount == 30415  # 304.1459…
    free = quoted(price_minor="1500000", term_months="60", annual_nominal_rate="0")
    assert {row.amount for row in free.rentals} == {25000}
    begin = quoted(
        price_minor="5500000", term_months="60", annual_nominal_rate="0.1", timing="advance"
    )
    assert begin.rentals[0].principal == 115893  # ppmt, begin mode: 1158.929712


@pytest.mark.parametrize(
    ("rate", "payment"),
    [("0", "0.277777778"), ("0.06", "0.599550525"), ("0.12", "1.028612597")],
)
def test_quantlib_level_payment(rate, payment):
    """amortizingbond.cpp: 100 over 360 months; here 120 of them, down to the rest as a balloon."""
    r, factor = Decimal(rate) / 12, Decimal(1)
    balance = Decimal(10**11 - 1)
    for _month in range(120):
        balance = balance * (1 + r) - Decimal(payment) * (10**11 - 1) / 100
        factor *= 1 + r
    found = quoted(
        price_minor=str(10**11 - 1),
        term_months="120",
        annual_nominal_rate=rate,
        balloon_minor=str(round(balance)),
    )
    assert found.rentals[0].amount == pytest.approx(Decimal(payment) * 10**9, abs=10)


def test_hastructure_flat_fee():
    found = quoted(
        price_minor="100000",
        term_months="12",
        pattern="flat_fee",
        annual_nominal_rate="",
        flat_rate_monthly="0.01",
    )
    first = found.rentals[0]
    assert (first.principal, first.interest, 100000 - first.principal) == (8333, 1000, 91667)


@pytest.mark.parametrize(
    ("deposit", "nominal", "effective"),
    [("0", "0.214572", "0.236984"), ("100000000", "0.259253", "0.292388")],
)
def test_a_flat_fee_of_12_per_cent_costs_far_more(deposit, nominal, effective):
    """vectors/finance.md, own closed form; the deposit of a tenth comes back at the end."""
    found = quoted(
        price_minor="1000000000",
        term_months="12",
        pattern="flat_fee",
        annual_nominal_rate="",
        flat_rate_monthly="0.01",
        deposit_minor=deposit,
    )
    assert found.as_record()["cost"] == {"nominal": nominal, "effective": effective}
    assert found.as_record()["implicit"]["nominal"] == "0.214572"  # a deposit is no payment


def test_ey_example_23_10_and_numpy_financial_irr():
    """Rates a period, quoted twelvefold: EY 6.623639… %, numpy-financial 5.24 % and 28.095 %."""
    assert annual_rate([9274 - 2100, -2100, -2100, -2100, -2100, 0]).nominal == 794837
    residual = [10_000 - 2100, -2100, -2100, -2100, -2100, -1000]
    assert annual_rate(residual).nominal == round(12 * 66219.06, 0)
    npf = annual_rate([150000, -15000, -25000, -35000, -45000, -60000]).nominal
    assert npf / 12 == pytest.approx(52_400, abs=50)
    assert annual_rate([100, -39, -59, -55, -20]).nominal / 12 == pytest.approx(280_950, abs=5)


def test_flows_without_a_rate_and_with_several_are_told_apart():
    with pytest.raises(NoSingleRate) as none:
        annual_rate([-400, -10000, -5000])
    assert none.value.code == "quote_without_rate"
    with pytest.raises(NoSingleRate) as several:
        annual_rate([100, -230, 132])  # 10 % and 20 % a month
    assert several.value.params["rates"] == "1.200000, 2.400000"
    with pytest.raises(NoSingleRate):
        quoted(deposit_minor="14000000")  # what is lent is kept as a deposit


# -- algebra ----------------------------------------------------------------------------------


@given(quote_inputs())
@MANY
def test_everything_adds_up_to_the_cent(inputs):
    found = worked_out(inputs)
    terms, rows = found.terms, found.rentals
    assert sum(row.principal for row in rows) == terms.financed_amount
    assert all(row.interest >= 0 and row.principal >= 0 for row in rows)
    assert all(0 <= row.vat <= row.amount and row.set_off <= row.amount for row in rows)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert [row.due_on for row in rows] == sorted(row.due_on for row in rows)
    assert {row.kind: row.amount for row in rows if row.kind != "rent"} == {
        name: amount for name, amount in terms.residuals.items() if amount
    }
    upfront = sum(amount for name, amount in terms.charges.items() if not terms.financed[name])
    owed = sum(row.amount for row in found.debts)
    assert sum(p.amount for p in found.payments) == terms.down + upfront + owed


@given(quote_inputs(patterns=["level", "level_principal", "step", "seasonal"], charges=False))
@MANY
def test_without_charges_the_cost_is_the_rate(inputs):
    inputs = {**inputs, "price_minor": str(int(inputs["price_minor"]) + 10**9)}
    found = worked_out(inputs)
    assert found.cost == found.implicit
    rate, earned = found.terms.rate, sum(row.interest for row in found.rentals)
    assume(rate == 0 or earned > 0)
    rounding = rate * found.terms.term / max(earned, 1)  # half a cent a period
    assert abs(found.cost.nominal - rate) <= 2 + rounding


@given(quote_inputs(), st.integers(1, 500_000), st.sampled_from(["fee", "gps"]))
@MANY
def test_more_fees_never_lower_the_cost(inputs, more, name):
    before = worked_out(inputs)
    charge = f"{name}_minor"
    dearer = {**inputs, charge: str(int(inputs.get(charge, "0")) + more)}
    assert worked_out(dearer).cost.nominal >= before.cost.nominal - 1  # one unit of rounding


@given(quote_inputs(patterns=["level"], charges=False))
@MANY
def test_a_level_rent_in_advance_is_one_period_cheaper(inputs):
    inputs = {k: v for k, v in inputs.items() if not k.endswith("_minor") or k == "price_minor"}
    arrears, advance = (
        worked_out({**inputs, "timing": timing}) for timing in ("arrears", "advance")
    )
    expected = arrears.rentals[0].amount / (1 + arrears.terms.rate / 12_000_000)
    assert abs(advance.rentals[0].amount - expected) <= 1
    assert advance.maturity_on == arrears.maturity_on or advance.terms.starts_on.day > 28


@given(quote_inputs(patterns=["level", "level_principal", "flat_fee"]))
@MANY
def test_it_is_the_schedule_that_the_lease_will_follow(inputs):
    found = worked_out(inputs)
    terms = found.terms
    kinds = [name for name, amount in terms.residuals.items() if amount]
    assume(len(kinds) < 2)
    kind = (kinds or ["purchase"])[0].replace("purchase", "nominal_purchase")
    lease = LeaseTerms(
        financed_minor=terms.financed_amount,
        rent_minor=found.rentals[0].amount,
        annual_nominal_rate=Decimal(terms.rate).scaleb(-6),
        term_months=terms.term,
        first_payment_on=found.rentals[0].due_on,
        maturity_on=found.maturity_on,
        pattern=Pattern(terms.pattern),
        timing=Timing(terms.timing),
        residual_minor=terms.residual,
        residual_kind=ResidualKind(kind),
    )
    assert [(r.due_on, r.interest, r.principal) for r in found.rentals] == [
        (r.due_on, r.interest_minor, r.principal_minor) for r in schedule(lease)
    ]
    if kind != "unguaranteed" and not terms.set_off:
        charged = sum(amount for name, amount in terms.charges.items() if terms.tied[name])
        assert lessee_flows(terms, list(found.rentals))[0] == (
            terms.financed_amount
            - terms.deposit
            - charged
            - (found.rentals[0].amount if terms.timing == "advance" else 0)
        )
        try:
            cost = all_in_cost(lease, deposit_minor=terms.deposit, fee_minor=charged)
        except NoRate:  # it names a negative root beside the positive one
            return
        assert cost.nominal == pytest.approx(found.cost.nominal / 10**6, abs=2e-6)


def test_an_off_season_bears_interest_and_no_rent():
    found = quoted(
        pattern="seasonal", season="100,100,0,0,100,100,100,100,100,100,100,100", term_months="12"
    )
    assert [row.due_on.month for row in found.rentals] == [5, 6, 7, 8, 9, 10, 11, 12, 1, 2]
    plain = quoted(term_months="12")
    assert sum(r.interest for r in found.rentals) > sum(r.interest for r in plain.rentals)


def test_steps_keep_their_proportions():
    found = quoted(pattern="step", steps="12:100,12:80,12:50")
    first, second, third = (found.rentals[k].amount for k in (0, 12, 24))
    assert (second / first, third / first) == pytest.approx((0.8, 0.5), abs=1e-5)
    assert found.rentals[-1].amount == pytest.approx(third, abs=20)


# -- dated rules ------------------------------------------------------------------------------


def test_vat_follows_the_day_on_which_a_rental_falls_due():
    found = quoted(starts_on="2019-01-15", annual_nominal_rate="0", term_months="4")
    amounts = [(row.amount, row.vat) for row in found.rentals]
    assert amounts[0] == (3500000, 482759)  # 16 / 116 in February
    assert amounts[3] == (3500000, 402655)  # 13 / 113 in May
    leaseback = quoted(product="sale_leaseback")
    first = leaseback.rentals[0]
    assert first.vat == round(Decimal(first.interest) * 6 / 106)


def test_a_rate_at_the_cap_is_within_and_above_it_is_not():
    assert quoted(annual_nominal_rate="0.24").within_caps
    above = quoted(annual_nominal_rate="0.2401")
    assert [(test.cap.id, test.within) for test in above.caps] == [("court_practice", False)]
    late = quoted(late_rate_daily="0.001")
    assert [(test.covers, test.figure, test.within) for test in late.caps] == [
        ("rent_and_fees", late.cost.nominal, True),
        ("late_charges", 365_000, False),
    ]


@pytest.mark.parametrize(
    ("on", "limits"),
    [
        (date(2019, 1, 1), [("court_practice", 240_000)]),
        (date(2021, 12, 19), [("four_times_lpr", 154_000), ("court_practice", 240_000)]),
        (date(2021, 12, 20), [("four_times_lpr", 152_000), ("court_practice", 240_000)]),
        (date(2026, 1, 1), [("four_times_lpr", 120_000), ("court_practice", 240_000)]),
        (date(2010, 1, 1), []),
    ],
)
def test_caps_are_dated(on, limits):
    assert [(cap.id, cap.limit) for cap in STRICT.caps(on)] == limits


# -- bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"product": ""}, "product", "required"),
        ({"product": "loan"}, "product", "unknown_code"),
        ({"price_minor": "12.50"}, "price_minor", "not_minor"),
        ({"price_minor": "0"}, "price_minor", "out_of_range"),
        ({"first_payment_ratio": "1"}, "first_payment_ratio", "out_of_range"),
        ({"annual_nominal_rate": "6.85"}, "annual_nominal_rate", "not_rate"),
        ({"annual_nominal_rate": "1.1"}, "annual_nominal_rate", "out_of_range"),
        ({"term_months": "121"}, "term_months", "not_term"),
        ({"starts_on": "2026-02-30"}, "starts_on", "not_date"),
        ({"starts_on": "20260228"}, "starts_on", "not_date"),
        ({"starts_on": "2016-01-01"}, "starts_on", "no_rule_in_force"),
        ({"steps": "36:100"}, "steps", "not_of_product"),
        ({"pattern": "step", "steps": "36:100;"}, "steps", "not_steps"),
        ({"pattern": "step", "steps": "12:100"}, "steps", "steps_unlike_term"),
        ({"pattern": "seasonal", "season": "0" + ",0" * 11}, "season", "no_rent"),
        ({"balloon_minor": "14000001"}, "balloon_minor", "residual_above_financed"),
        ({"deposit_minor": "14000001"}, "deposit_minor", "deposit_above_financed"),
        ({"fee_minor": "2800001", "fee_paid": "financed"}, "price_minor", "financed_above_value"),
        ({"product": "sale_leaseback", "tax_minor": "1"}, "tax_minor", "not_of_product"),
        ({"price_minor": "20"}, "term_months", "rents_do_not_repay"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_bad_input_names_its_field_and_how_to_mend_it(changes, field, code):
    with pytest.raises(Invalid) as refusal:
        rentals(parse(WHOLE | changes, RULES), RULES)
    assert [(error.field, error.code) for error in refusal.value.errors] == [(field, code)]
    assert refusal.value.errors[0].mend
