"""A deal's terms as data, and the check of the whole before any money runs through it.

Pure. A waterfall is an ordered tuple of `Step`s. Each step draws on named sources in its order:
`income` (yield collected), `principal` (capital collected), `reserve` (the reserve account) and
`support` (shortfall support, 差额支付, which is recourse and flagged so). What a step does not
find is a shortfall that the result names; what no step takes stays in its ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pools.cashflow.daycounts import DAY_COUNTS
from pools.structure.forms import Form
from tenants.money import round_half_up
from tenants.problems import FieldError, Invalid


class Status(StrEnum):
    """Where a deal stands; steps name the statuses in which they run."""

    REVOLVING = "revolving"
    AMORTISING = "amortising"
    ACCELERATED = "accelerated"
    DEFAULTED = "defaulted"


class Kind(StrEnum):
    """What a step does with the money it finds."""

    FEE = "fee"
    INTEREST = "interest"
    PRINCIPAL = "principal"
    RESERVE = "reserve"
    PURCHASE = "purchase"
    RELEASE = "release"  # reserve above its target flows back to income
    RESIDUAL = "residual"


class Rule(StrEnum):
    """How much principal a step owes."""

    POOL_DECLINE = "pool_decline"  # what the pool lost in value: payments, prepayments, defaults
    COLLECTED = "collected"  # principal collected this period and carried
    TARGET_OC = "target_oc"  # max(0, notes − (pool at end − target overcollateralisation))
    TARGET_BALANCE = "target_balance"  # down to each tranche's planned balance
    TURBO = "turbo"  # everything, until nothing is outstanding


class Split(StrEnum):
    """How a step's money goes to several payees."""

    SEQUENTIAL = "sequential"
    PRO_RATA = "pro_rata"


SOURCES: Final = ("income", "principal", "reserve", "support")
ALWAYS: Final = frozenset(Status)
AFTER_REVOLVING: Final = frozenset(Status) - {Status.REVOLVING}


@dataclass(frozen=True, slots=True)
class Tranche:
    """A class of notes; rank 1 is most senior, `rate` a year or the margin over `index`."""

    name: str
    rank: int
    original_minor: int
    rate: Decimal
    day_count: str = "30/360"
    index: str = ""
    planned_minor: tuple[int, ...] = ()  # target balances at the end of periods 1, 2, …


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee of one period: a rate a year on the opening pool, plus a fixed part, or as invoiced.

    `cap_minor` limits what one period pays; what is above it waits for the next.
    """

    name: str
    rate: Decimal = Decimal(0)
    fixed_minor: int = 0
    invoiced: bool = False
    cap_minor: int | None = None
    day_count: str = "30/360"


@dataclass(frozen=True, slots=True)
class Target:
    """An amount to hold: the largest of a fixed sum, a share of the pool, a share of its start."""

    fixed_minor: int = 0
    share_of_pool: Decimal = Decimal(0)
    share_of_original: Decimal = Decimal(0)

    def minor(self, pool_minor: int, original_minor: int) -> int:
        """The target in minor units."""
        return max(
            self.fixed_minor,
            int(round_half_up(self.share_of_pool * pool_minor)),
            int(round_half_up(self.share_of_original * original_minor)),
        )


@dataclass(frozen=True, slots=True)
class Support:
    """Shortfall support (差额支付), recourse to its giver: who gives it and how much in all."""

    giver: str  # "lessor" or "guarantor"; never the trust company
    limit_minor: int


@dataclass(frozen=True, slots=True)
class Step:
    """What is paid, to whom (names of fees, tranches, or any payee), out of what, and when."""

    id: str
    kind: Kind
    sources: tuple[str, ...]
    payees: tuple[str, ...] = ()
    rule: Rule = Rule.POOL_DECLINE
    split: Split = Split.SEQUENTIAL
    when: frozenset[Status] = ALWAYS


@dataclass(frozen=True, slots=True)
class Deal:
    """Everything a distribution needs to know that does not change from period to period."""

    form: Form
    currency: str
    original_pool_minor: int
    tranches: tuple[Tranche, ...]
    fees: tuple[Fee, ...]
    steps: tuple[Step, ...]
    reserve: Target | None = None
    target_oc: Target = field(default_factory=Target)
    support: Support | None = None
    call_factor: Decimal | None = None  # clean-up call at this share of the original pool

    def tranche(self, name: str) -> Tranche:
        return next(tranche for tranche in self.tranches if tranche.name == name)

    def fee(self, name: str) -> Fee:
        return next(fee for fee in self.fees if fee.name == name)

    @property
    def has_recourse(self) -> bool:
        """Whether the lessor owes more than the receivables pay."""
        lessor_supports = self.support is not None and self.support.giver == "lessor"
        return self.form is Form.LOAN or lessor_supports


def check_deal(deal: Deal) -> None:
    """Raise `Invalid` naming everything that is wrong with a deal's terms, all at once."""
    errors = [*_number_errors(deal), *_step_errors(deal), *_order_errors(deal)]
    if errors:
        raise Invalid(
            code="deal_invalid", title="The terms of the deal do not hold together.", errors=errors
        )


def _error(field_name: str, code: str, detail: str, mend: str) -> FieldError:
    return FieldError(field=field_name, code=code, detail=detail, mend=mend)


def _number_errors(deal: Deal) -> Iterator[FieldError]:
    names = [tranche.name for tranche in deal.tranches] + [fee.name for fee in deal.fees]
    if len(set(names)) < len(names):
        yield _error("tranches", "name_twice", "A name is used twice.", "Give each its own name.")
    if not deal.tranches:
        yield _error("tranches", "no_tranche", "There is no tranche.", "Add at least one.")
    for tranche in deal.tranches:
        if tranche.original_minor < 0 or tranche.rate < 0 or tranche.day_count not in DAY_COUNTS:
            yield _error(
                f"tranches.{tranche.name}", "tranche_invalid",
                "Balance and rate must not be negative and the day count must be known.",
                "Mend the tranche's figures.",
            )  # fmt: skip
    for fee in deal.fees:
        if fee.rate < 0 or fee.fixed_minor < 0 or (fee.cap_minor is not None and fee.cap_minor < 0):
            yield _error(
                f"fees.{fee.name}", "fee_invalid", "A fee must not be negative.", "Mend the fee."
            )
    if deal.support is not None and deal.support.giver not in ("lessor", "guarantor"):
        yield _error(
            "support.giver", "support_by_trust",
            "Only the lessor or a guarantor may give shortfall support.",
            "The trust company may never give it: name another giver or leave it out.",
        )  # fmt: skip
    if deal.call_factor is not None and not 0 < deal.call_factor <= Decimal("0.2"):
        yield _error(
            "call_factor", "call_factor_invalid",
            "A clean-up call lies above 0 and at most at 20 % of the original pool.",
            "A usual value is 0.1.",
        )  # fmt: skip


def _step_errors(deal: Deal) -> Iterator[FieldError]:
    ids = [step.id for step in deal.steps]
    if len(set(ids)) < len(ids):
        yield _error("steps", "step_twice", "Two steps have one id.", "Give each its own id.")
    tranches = {tranche.name for tranche in deal.tranches}
    known = {Kind.FEE: {fee.name for fee in deal.fees}}
    known |= {Kind.INTEREST: tranches, Kind.PRINCIPAL: tranches}
    for step in deal.steps:
        where = f"steps.{step.id}"
        if not step.sources or set(step.sources) - set(SOURCES):
            yield _error(
                where, "source_unknown", "The step draws on a source that does not exist.",
                "Use income, principal, reserve or support.",
            )  # fmt: skip
        if "support" in step.sources and deal.support is None:
            yield _error(
                where, "support_missing", "The step draws on support that nobody gives.",
                "Agree the support in the terms or take the source away.",
            )  # fmt: skip
        uses_reserve = "reserve" in step.sources or step.kind in (Kind.RESERVE, Kind.RELEASE)
        if uses_reserve and deal.reserve is None:
            yield _error(
                where, "reserve_missing", "The step uses a reserve account that is not agreed.",
                "Agree a reserve target or take the step away.",
            )  # fmt: skip
        if step.kind in known and (not step.payees or set(step.payees) - known[step.kind]):
            yield _error(
                where, "payee_unknown", "The step pays a fee or tranche that does not exist.",
                "Name the deal's own fees and tranches.",
            )  # fmt: skip
        if step.kind in (Kind.RESIDUAL, Kind.PURCHASE) and len(step.payees) != 1:
            yield _error(where, "one_payee", "The step needs exactly one payee.", "Name it.")


def _order_errors(deal: Deal) -> Iterator[FieldError]:
    for status in Status:
        steps = [step for step in deal.steps if status in step.when]
        for kind in (Kind.INTEREST, Kind.PRINCIPAL):
            if status is Status.REVOLVING and kind is Kind.PRINCIPAL:
                continue
            paid = [name for step in steps if step.kind is kind for name in step.payees]
            for tranche in deal.tranches:
                owed = tranche.rate > 0 or bool(tranche.index) or kind is Kind.PRINCIPAL
                if owed and tranche.name not in paid:
                    yield _error(
                        f"tranches.{tranche.name}", f"{kind}_never_paid",
                        f"No step pays the tranche's {kind} while the deal is {status}.",
                        "Add a step, or the status to one.",
                    )  # fmt: skip
        ranks = [_rank(deal, step) for step in steps if step.kind is Kind.PRINCIPAL]
        if status in (Status.ACCELERATED, Status.DEFAULTED) and ranks != sorted(ranks):
            yield _error(
                "steps", "junior_before_senior",
                f"A junior tranche is repaid before a senior one while the deal is {status}.",
                "After acceleration principal goes in the order of rank.",
            )  # fmt: skip


def _rank(deal: Deal, step: Step) -> int:
    """The most senior rank that a step pays; a step with unknown payees ranks last."""
    ranks = [tranche.rank for tranche in deal.tranches if tranche.name in step.payees]
    return min(ranks, default=10**6)
