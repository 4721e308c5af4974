"""Where one payment's money went, what each holder receives, and what a correction changed.

Pure. Money in a ledger has no colour: a payment's part of a ledger is spread over what was paid
out of it in proportion, by largest remainder, so that a trace adds up to the payment to the cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pools.distributions.collecting import CollectedPayment, Collections
from pools.distributions.columns import CollectedColumns
from pools.structure.terms import Kind
from pools.structure.waterfall import Distribution, Inflow
from tenants.money import allocate_minor
from tenants.problems import NotFound

#: For each class of units: holder → units held, in minor units at par.
Holdings = Mapping[str, Mapping[str, int]]
KEPT = "kept"  # money of the period that stays in a ledger
RESIDUAL_HOLDERS = "subordinated holders"  # the standard deal's residual payee


def inflow_of(collections: Collections | CollectedColumns) -> Inflow:
    """What the waterfall needs of a period's collections."""
    return Inflow(
        start=collections.start,
        end=collections.end,
        income_minor=collections.income_minor,
        principal_minor=collections.principal_minor,
        pool_opening_minor=collections.pool_opening_minor,
        pool_closing_minor=collections.pool_closing_minor,
    )


@dataclass(frozen=True, slots=True)
class Hop:
    """A part of a payment: out of a ledger, through a step, to a payee and (units) a holder."""

    ledger: str
    step: str
    payee: str
    holder: str
    minor: int


def holders_of(payee: str, holdings: Holdings) -> Mapping[str, int]:
    """Who stands behind a payee; the residual belongs to the subordinated units."""
    return holdings.get("subordinated" if payee == RESIDUAL_HOLDERS else payee, {})


def unit_payments(distribution: Distribution, holdings: Holdings) -> dict[tuple[str, str], int]:
    """(payee, holder) → minor units; a class's money is split by units, to the cent."""
    paid: dict[tuple[str, str], int] = {}
    for line in distribution.lines:
        units = holders_of(line.payee, holdings)
        if not units or line.kind not in (Kind.INTEREST, Kind.PRINCIPAL, Kind.RESIDUAL):
            continue
        shares = allocate_minor(line.paid_minor, list(units.values()))
        for holder, minor in zip(units, shares, strict=True):
            paid[line.payee, holder] = paid.get((line.payee, holder), 0) + minor
    return paid


def trace_payment(
    reference: str, collections: Collections, distribution: Distribution, holdings: Holdings
) -> tuple[CollectedPayment, list[Hop]]:
    """One bank line and every place its money went; the hops add up to the payment.

    Raises `NotFound` for a reference that was not counted in this period.
    """
    payment = next((p for p in collections.payments if p.reference == reference), None)
    if payment is None:
        raise NotFound(
            code="payment_not_counted",
            detail="No payment %(reference)s is counted in this period.",
            mend="Look at the period of its day, or of the day on which a line of before the "
            "cut-off became known; a reversed payment counts in none.",
            params={"reference": reference},
        )
    return payment, follow(payment, distribution, holdings)


def follow(payment: CollectedPayment, distribution: Distribution, holdings: Holdings) -> list[Hop]:
    """Every place where a payment's money went; the hops add up to the payment."""
    parts = (("income", payment.income_minor), ("principal", payment.principal_minor))
    return [
        hop for ledger, minor in parts for hop in _spread(ledger, minor, distribution, holdings)
    ]


def _spread(ledger: str, minor: int, distribution: Distribution, holdings: Holdings) -> list[Hop]:
    uses = [(line, line.sources[ledger]) for line in distribution.lines if line.sources.get(ledger)]
    kept = distribution.closing[ledger]
    weights = [*(used for _line, used in uses), kept]
    if minor == 0 or not any(weights):
        return []
    *shares, left = allocate_minor(minor, weights)
    hops = []
    for (line, _used), share in zip(uses, shares, strict=True):
        units = holders_of(line.payee, holdings)
        parts = allocate_minor(share, list(units.values())) if units else [share]
        for holder, part in zip(units or [""], parts, strict=True):
            hops.append(Hop(ledger, line.step, line.payee, holder, part))
    if left:
        hops.append(Hop(ledger, KEPT, "", "", left))
    return [hop for hop in hops if hop.minor]


def difference(before: Distribution, after: Distribution) -> dict[str, int]:
    """What each payee gains (or loses) by a corrected distribution; what is equal is left out."""
    payees = {line.payee for line in (*before.lines, *after.lines)}
    changes = {payee: after.paid(payee) - before.paid(payee) for payee in sorted(payees)}
    return {payee: change for payee, change in changes.items() if change}
