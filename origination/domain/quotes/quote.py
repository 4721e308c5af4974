"""A whole quote: rentals, who pays what when, the implicit rate, the lessee's cost and its caps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from origination.domain.quotes.inputs import CHARGES, PASSED_ON, QuoteTerms, parse
from origination.domain.quotes.rate import AnnualRate, annual_rate
from origination.domain.quotes.rentals import Rental, maturity, rentals
from origination.domain.quotes.rules import Cap, Rules
from origination.domain.quotes.whole import fraction

DAYS_A_YEAR: Final = 365
METHOD: Final = "irr_monthly"


@dataclass(frozen=True, slots=True)
class CapTest:
    """One cap against one figure of the quote, both in millionths a year."""

    cap: Cap
    covers: str  # rent_and_fees or late_charges
    figure: int

    @property
    def within(self) -> bool:
        return self.figure <= self.cap.limit


@dataclass(frozen=True, slots=True)
class Payment:
    """What the lessee pays on a day (minor units); negative: what comes back."""

    on: date
    what: str
    amount: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The result. Amounts in minor units."""

    terms: QuoteTerms
    rentals: tuple[Rental, ...]
    payments: tuple[Payment, ...]
    maturity_on: date
    implicit: AnnualRate
    cost: AnnualRate
    cost_minor: int
    caps: tuple[CapTest, ...]

    @property
    def within_caps(self) -> bool:
        return all(test.within for test in self.caps)

    @property
    def debts(self) -> list[Rental]:
        """What the lessee owes: everything but an unguaranteed residual."""
        return [row for row in self.rentals if row.kind != "unguaranteed"]

    def as_record(self) -> dict[str, object]:
        """The quote as the API answers it and the phone computes it: every figure as text."""
        debts = self.debts
        return {
            "financed_minor": str(self.terms.financed_amount),
            "down_payment_minor": str(self.terms.down),
            "rent_minor": str(self.rentals[0].amount),
            "total_minor": str(sum(row.amount for row in debts)),
            "interest_minor": str(sum(row.interest for row in debts)),
            "vat_minor": str(sum(row.vat for row in debts)),
            "cost_minor": str(self.cost_minor),
            "paid_minor": str(sum(payment.amount for payment in self.payments)),
            "maturity_on": self.maturity_on.isoformat(),
            "first_payment_on": self.rentals[0].due_on.isoformat(),
            "method": METHOD,
            "implicit": _rate_record(self.implicit),
            "cost": _rate_record(self.cost),
            "caps": [_cap_record(test) for test in self.caps],
            "within_caps": self.within_caps,
            "rentals": [_rental_record(row) for row in self.rentals],
            "payments": [
                {"on": p.on.isoformat(), "what": p.what, "amount_minor": str(p.amount)}
                for p in self.payments
            ],
        }


def calculate(inputs: Mapping[str, str], rules: Rules) -> Quote:
    """Work a quote out. Raises `Invalid` (fields) or `NoSingleRate`; a breach of a cap is no error
    here: it is in `caps`, so that it can be seen and mended, and blocks where a quote is kept.
    """
    terms = parse(inputs, rules)
    rows = rentals(terms, rules)
    flows = lessee_flows(terms, rows)
    cost = annual_rate(flows)
    return Quote(
        terms=terms,
        rentals=tuple(rows),
        payments=tuple(_payments(terms, rows)),
        maturity_on=maturity(terms),
        implicit=annual_rate(_lessor_flows(terms, rows)),
        cost=cost,
        cost_minor=-sum(flows),
        caps=tuple(_tests(terms, cost, rules)),
    )


def lessee_flows(terms: QuoteTerms, rows: list[Rental]) -> list[int]:
    """What the lessee gets (+) and pays (-) month by month, VAT included (综合年化成本).

    At the start the vehicle's use for the price, less first payment, deposit and tied charges paid
    at once; what is financed along and would be bought anyway (tax, free insurance) is got as well.
    Then every rent and debt in cash; at the end the rest of the deposit comes back, and a vehicle
    with an unguaranteed residual goes back at that value.
    """
    flows = [0] * (terms.term + 1)
    flows[0] = terms.price - terms.down - terms.deposit
    for name, amount in terms.charges.items():
        if terms.tied[name] and not terms.financed[name]:
            flows[0] -= amount
        elif terms.financed[name] and not terms.tied[name]:
            flows[0] += amount
    for row in rows:
        flows[row.period] -= row.amount - row.set_off
    flows[-1] += terms.deposit - sum(row.set_off for row in rows)
    return flows


def _lessor_flows(terms: QuoteTerms, rows: list[Rental]) -> list[int]:
    """Flows of the rate implicit in the lease (IFRS 16 App. A; ASC 842-30-20), VAT included.

    PV(lease payments) + PV(unguaranteed residual) = fair value + initial direct costs. First
    payment, fee and tracker paid at once are lease payments; insurance and tax financed along are
    paid on by the lessor. A deposit is no lease payment. Signs as the lessee's: + first.
    """
    flows = [0] * (terms.term + 1)
    flows[0] = terms.price + terms.initial_direct_costs - terms.down
    for name, amount in terms.charges.items():
        if name in PASSED_ON:
            flows[0] += amount if terms.financed[name] else 0
        elif not terms.financed[name]:
            flows[0] -= amount
    for row in rows:
        flows[row.period] -= row.amount
    return flows


def _payments(terms: QuoteTerms, rows: list[Rental]) -> list[Payment]:
    at_start = [("first_payment", terms.down)]
    at_start += [(name, terms.charges[name]) for name in CHARGES if not terms.financed[name]]
    at_start += [("deposit", terms.deposit)]
    paid = [Payment(terms.starts_on, what, amount) for what, amount in at_start if amount]
    for row in rows:
        if row.kind != "unguaranteed":
            paid.append(Payment(row.due_on, row.kind, row.amount - row.set_off))
    back = terms.deposit - sum(row.set_off for row in rows)
    if back:
        paid.append(Payment(maturity(terms), "deposit_back", -back))
    return paid


def _tests(terms: QuoteTerms, cost: AnnualRate, rules: Rules) -> list[CapTest]:
    late = terms.late_rate_daily * DAYS_A_YEAR
    found = []
    for cap in rules.caps(terms.starts_on):
        if "rent_and_fees" in cap.covers:
            figure = cost.nominal if cap.basis == "nominal" else cost.effective
            found.append(CapTest(cap, "rent_and_fees", figure))
        if "late_charges" in cap.covers and late:
            found.append(CapTest(cap, "late_charges", late))
    return found


def _rate_record(rate: AnnualRate) -> dict[str, str]:
    return {"nominal": fraction(rate.nominal), "effective": fraction(rate.effective)}


def _cap_record(test: CapTest) -> dict[str, object]:
    cap = test.cap
    return {
        "id": cap.id,
        "covers": test.covers,
        "basis": cap.basis,
        "limit": fraction(cap.limit),
        "figure": fraction(test.figure),
        "within": test.within,
        "title": dict(cap.title),
        "source": cap.source,
        "lpr": "" if cap.lpr is None else fraction(cap.lpr),
        "lpr_from": cap.lpr_from,
    }


def _rental_record(row: Rental) -> dict[str, object]:
    return {
        "number": str(row.number),
        "due_on": row.due_on.isoformat(),
        "kind": row.kind,
        "amount_minor": str(row.amount),
        "interest_minor": str(row.interest),
        "principal_minor": str(row.principal),
        "vat_minor": str(row.vat),
        "set_off_minor": str(row.set_off),
    }
