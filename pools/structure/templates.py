"""The house's standard deal: fees, senior, mezzanine and subordinated units, a reserve.

Pure. A starting point that a committee can change before it votes; what it votes on is data.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pools.structure.forms import Form
from pools.structure.terms import (
    ALWAYS,
    Deal,
    Fee,
    Kind,
    Rule,
    Status,
    Step,
    Support,
    Target,
    Tranche,
    check_deal,
)
from tenants.problems import Invalid

_ACCELERATED = frozenset({Status.ACCELERATED, Status.DEFAULTED})
_ORDINARY = ALWAYS - _ACCELERATED


@dataclass(frozen=True, slots=True)
class StandardTerms:
    """The few figures from which `standard_deal` writes the whole deal.

    Shares are of the pool's value and leave the rest to the subordinated units; `day_count` is the
    notes'; `protection_share` is the trust industry protection fund (信托业保障基金), dated data.
    """

    form: Form
    senior_share: Decimal
    senior_rate: Decimal
    mezzanine_share: Decimal = Decimal(0)
    mezzanine_rate: Decimal = Decimal(0)
    day_count: str = "30/360"
    servicing_rate: Decimal = Decimal("0.004")
    trustee_rate: Decimal = Decimal("0.002")
    custody_minor: int = 500_000
    reserve_share: Decimal = Decimal("0.01")
    call_factor: Decimal | None = Decimal("0.1")
    support_minor: int = 0
    currency: str = "CNY"


def standard_deal(terms: StandardTerms, pool_minor: int) -> Deal:
    """The deal of `terms` over a pool of `pool_minor`, checked.

    Interest ranks by class; principal is paid in the order of rank down to the notes that the
    pool's fall requires (target overcollateralisation); after acceleration everything repays the
    notes in the order of rank; what is left belongs to the subordinated units.
    """
    senior = int(terms.senior_share * pool_minor)
    mezzanine = int(terms.mezzanine_share * pool_minor)
    if not 0 < senior + mezzanine <= pool_minor:
        raise Invalid(
            code="shares_invalid",
            detail="Senior and mezzanine shares must add up to more than 0 and at most 1.",
            mend="Lower the shares; what is left is subordinated.",
        )
    notes = [Tranche("senior", 1, senior, terms.senior_rate, terms.day_count)]
    if mezzanine:
        notes.append(Tranche("mezzanine", 2, mezzanine, terms.mezzanine_rate, terms.day_count))
    subordinated = Tranche("subordinated", 3, pool_minor - senior - mezzanine, Decimal(0))
    deal = Deal(
        form=terms.form,
        currency=terms.currency,
        original_pool_minor=pool_minor,
        tranches=(*notes, subordinated),
        fees=(
            Fee("trustee", rate=terms.trustee_rate),
            Fee("custody", fixed_minor=terms.custody_minor),
            Fee("servicing", rate=terms.servicing_rate),
        ),
        steps=_steps([note.name for note in notes], support=terms.support_minor > 0),
        reserve=Target(share_of_original=terms.reserve_share),
        support=Support("lessor", terms.support_minor) if terms.support_minor else None,
        call_factor=terms.call_factor,
    )
    check_deal(deal)
    return deal


def _steps(notes: list[str], *, support: bool) -> tuple[Step, ...]:
    cash = ("income", "principal")
    last = ("reserve", "support") if support else ("reserve",)
    senior_cash = (*cash, *last)
    # Principal repays principal first, so that a line shows what income had to make up.
    capital = ("principal", "income")
    senior_capital = (*capital, *last)
    steps = [
        Step("release", Kind.RELEASE, ("reserve",)),
        Step("trustee", Kind.FEE, senior_cash, ("trustee",)),
        Step("custody", Kind.FEE, senior_cash, ("custody",)),
        Step("servicing", Kind.FEE, senior_cash, ("servicing",)),
        Step("senior-interest", Kind.INTEREST, senior_cash, ("senior",)),
    ]
    if "mezzanine" in notes:
        steps.append(
            Step("mezzanine-interest", Kind.INTEREST, senior_cash, ("mezzanine",), when=_ORDINARY)
        )
    everyone = (*notes, "subordinated")
    steps += [
        Step("principal", Kind.PRINCIPAL, capital, everyone, Rule.TARGET_OC, when=_ORDINARY),
        Step("reserve", Kind.RESERVE, cash, when=_ORDINARY),
        Step("turbo-senior", Kind.PRINCIPAL, senior_capital, ("senior",), Rule.TURBO,
             when=_ACCELERATED),
    ]  # fmt: skip
    if "mezzanine" in notes:
        steps += [
            Step("late-mezzanine-interest", Kind.INTEREST, senior_cash, ("mezzanine",),
                 when=_ACCELERATED),
            Step("turbo-mezzanine", Kind.PRINCIPAL, senior_capital, ("mezzanine",), Rule.TURBO,
                 when=_ACCELERATED),
        ]  # fmt: skip
    steps += [
        Step("turbo-subordinated", Kind.PRINCIPAL, capital, ("subordinated",), Rule.TURBO,
             when=_ACCELERATED),
        Step("residual", Kind.RESIDUAL, cash, ("subordinated holders",)),
    ]  # fmt: skip
    return tuple(steps)
