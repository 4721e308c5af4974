"""A pool's classes, waterfall and projected cash, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from pools.circular.words import PAYEES, SOURCES, STATUSES, STEPS, word
from pools.models import Pool
from pools.structure.funding import SUBORDINATED, Funding, fund
from pools.structure.terms import ALWAYS, Deal, Kind, Step
from tenants.formatting import percent


@dataclass(frozen=True, slots=True)
class Class:
    """A class of notes: size, price at issue, rate, what stands below it, its projected life."""

    name: str
    original_minor: int
    issue_minor: int
    share: Decimal
    rate: Decimal | None
    support: Decimal
    wal_years: Decimal | None
    annual_yield: Decimal | None


@dataclass(frozen=True, slots=True)
class Money:
    """One line of sources or uses: what it is, why, and how much."""

    what: str
    note: str
    minor: int


@dataclass(frozen=True, slots=True)
class Closing:
    """Sources and uses of a pool's closing, and who pays what the price has above the principal."""

    uses: list[Money]
    sources: list[Money]
    funding: Funding

    @property
    def holds(self) -> bool:
        return sum(line.minor for line in self.sources) == sum(line.minor for line in self.uses)

    @property
    def price_to_principal(self) -> Decimal:
        return Decimal(self.funding.price_minor) / max(self.funding.pool_minor, 1)


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the waterfall in words."""

    what: str
    payees: str
    sources: str
    when: str


def closing(pool: Pool, deal: Deal, price_yield: Decimal) -> Closing:
    """Where the price and the reserve come from, line by line."""
    funding = fund(deal, pool.price_minor)
    valued = _("projected cash of the pool, valued at %(rate)s a year") % {
        "rate": percent(price_yield)
    }
    at_par = _("sold at par")
    return Closing(
        uses=[
            Money(_("Price: the securitization value"), valued, funding.price_minor),
            Money(_("Reserve"), _("filled to its target at closing"), funding.reserve_minor),
        ],
        sources=[
            *(Money(word(PAYEES, name), at_par, minor) for name, minor in funding.notes),
            Money(word(PAYEES, SUBORDINATED), _("nominal"), funding.subordinated_minor),
            Money(*_premium(funding.premium_minor), funding.premium_minor),
        ],
        funding=funding,
    )


def _premium(minor: int) -> tuple[str, str]:
    paid_by = _("paid by who takes these units, for what is left after the notes")
    if minor < 0:
        return _("Discount on the subordinated units"), paid_by
    return _("Premium on the subordinated units"), paid_by


def classes(pool: Pool, deal: Deal) -> list[Class]:
    """Every class by rank."""
    projected = {row["name"]: row for row in pool.report["tranches"]}
    whole = max(deal.original_pool_minor, 1)
    issued = {SUBORDINATED: fund(deal, pool.price_minor).issue_minor}
    found, below = [], Decimal(deal.original_pool_minor)
    for tranche in sorted(deal.tranches, key=lambda tranche: tranche.rank):
        below -= tranche.original_minor
        life = projected.get(tranche.name, {})
        found.append(
            Class(
                word(PAYEES, tranche.name),
                tranche.original_minor,
                issued.get(tranche.name, tranche.original_minor),
                Decimal(tranche.original_minor) / whole,
                tranche.rate or None,
                below / whole,
                _decimal(life.get("wal_years")),
                _decimal(life.get("annual_yield")),
            )
        )
    return found


def pays_risk_less(found: list[Class]) -> bool:
    """Whether the class that bears the first loss is projected to earn less than one above it."""
    *above, first_loss = [one.annual_yield for one in found]
    return first_loss is not None and any(one > first_loss for one in above if one is not None)


def _decimal(text: str | None) -> Decimal | None:
    return None if text in (None, "") else Decimal(str(text))


def steps(deal: Deal) -> list[StepLine]:
    """The waterfall in words, in its order."""
    return [
        StepLine(
            _kind(step),
            _listed(PAYEES, step.payees),
            _listed(SOURCES, step.sources),
            _("always") if step.when == ALWAYS else _listed(STATUSES, _in_order(step)),
        )
        for step in deal.steps
    ]


def _kind(step: Step) -> str:
    return _("Fee") if step.kind is Kind.FEE else word(STEPS, step.kind)


def _in_order(step: Step) -> list[str]:
    return [code for code in STATUSES if code in step.when]


def _listed(table, codes) -> str:
    return _(", ").join(word(table, code) for code in codes)
