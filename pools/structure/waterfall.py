"""One distribution: money in, the deal's steps in order, every minor unit accounted for.

Pure and exact: whole minor units, interest and fees as fractions rounded half up once. Conservation
is asserted on every run: opening ledgers + inflows = payments + closing ledgers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pools.cashflow.daycounts import year_fraction
from pools.structure.terms import Deal, Kind, Rule, Split, Status, Step
from tenants.money import allocate_minor
from tenants.problems import Invalid


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a deal stands between two distributions; all amounts in minor units."""

    status: Status
    balances: dict[str, int]
    reserve_minor: int = 0
    unpaid: dict[str, int] = field(default_factory=dict)  # interest and fees carried, by name
    carried: dict[str, int] = field(default_factory=dict)  # unapplied money, by ledger
    support_used_minor: int = 0
    period: int = 0

    @classmethod
    def at_start(cls, deal: Deal, *, status: Status = Status.AMORTISING) -> Standing:
        """At closing: tranches at their original balance, the reserve at its target."""
        reserve = 0
        if deal.reserve is not None:
            reserve = deal.reserve.minor(deal.original_pool_minor, deal.original_pool_minor)
        balances = {tranche.name: tranche.original_minor for tranche in deal.tranches}
        return cls(status=status, balances=balances, reserve_minor=reserve)


@dataclass(frozen=True, slots=True)
class Inflow:
    """What one period brought: dates `[start, end)`, collections and the pool before and after."""

    start: date
    end: date
    income_minor: int
    principal_minor: int
    pool_opening_minor: int
    pool_closing_minor: int
    invoices: dict[str, int] = field(default_factory=dict)
    fixings: dict[str, Decimal] = field(default_factory=dict)
    purchase_minor: int = 0  # receivables on offer while revolving


@dataclass(frozen=True, slots=True)
class Line:
    """One payee at one step: what was due and why, what was paid and out of which ledger."""

    step: str
    kind: Kind
    payee: str
    due_minor: int
    paid_minor: int
    sources: dict[str, int]
    reason: str
    params: dict[str, str]

    @property
    def short_minor(self) -> int:
        return self.due_minor - self.paid_minor


@dataclass(frozen=True, slots=True)
class Distribution:
    """The result: lines in order, the ledgers before and after, and the deal's new standing."""

    lines: tuple[Line, ...]
    opening: dict[str, int]
    closing: dict[str, int]
    standing: Standing
    support_minor: int

    def paid(self, payee: str, kind: Kind | None = None) -> int:
        """What a payee received in all, or of one kind."""
        return sum(
            line.paid_minor
            for line in self.lines
            if line.payee == payee and kind in (None, line.kind)
        )

    @property
    def shortfalls(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.short_minor > 0)


@dataclass(frozen=True, slots=True)
class _Due:
    payee: str
    minor: int
    reason: str
    params: dict[str, str]


def _rounded(value: Fraction) -> int:
    """Half up; every amount here is non-negative."""
    return int(value + Fraction(1, 2))


class _Run:
    """The moving parts of one distribution; not shared, not kept."""

    def __init__(self, deal: Deal, before: Standing, inflow: Inflow) -> None:
        self.deal, self.before, self.inflow = deal, before, inflow
        left = 0
        if deal.support is not None:
            left = deal.support.limit_minor - before.support_used_minor
        self.ledgers = {
            "income": before.carried.get("income", 0) + inflow.income_minor,
            "principal": before.carried.get("principal", 0) + inflow.principal_minor,
            "reserve": before.reserve_minor,
            "support": left,
        }
        self.opening = dict(self.ledgers)
        self.balances = dict(before.balances)
        self.unpaid = dict(before.unpaid)
        self.principal_paid = 0
        self.lines: list[Line] = []

    def step(self, step: Step) -> None:
        if step.kind is Kind.RELEASE:
            self._release(step)
            return
        dues = self._dues(step)
        for due, paid in zip(dues, self._shares(step, dues), strict=True):
            self._pay(step, due, paid)

    def _found(self, step: Step) -> int:
        return sum(self.ledgers[source] for source in step.sources)

    def _shares(self, step: Step, dues: list[_Due]) -> list[int]:
        wanted = [due.minor for due in dues]
        found = min(self._found(step), sum(wanted))
        if step.split is Split.PRO_RATA and found < sum(wanted):
            return allocate_minor(found, wanted)
        shares = []
        for want in wanted:
            shares.append(min(want, found))
            found -= shares[-1]
        return shares

    def _pay(self, step: Step, due: _Due, amount: int) -> None:
        drawn: dict[str, int] = {}
        left = amount
        for source in step.sources:
            part = min(left, self.ledgers[source])
            if part:
                self.ledgers[source] -= part
                drawn[source] = part
                left -= part
        if step.kind is Kind.PRINCIPAL:
            self.balances[due.payee] -= amount
            self.principal_paid += amount
        elif step.kind in (Kind.FEE, Kind.INTEREST):
            self.unpaid[due.payee] = self._owed(step.kind, due.payee) - amount
        elif step.kind is Kind.RESERVE:
            self.ledgers["reserve"] += amount
        self.lines.append(
            Line(step.id, step.kind, due.payee, due.minor, amount, drawn, due.reason, due.params)
        )

    def _release(self, step: Step) -> None:
        excess = max(0, self.ledgers["reserve"] - self._reserve_target())
        self.ledgers["reserve"] -= excess
        self.ledgers["income"] += excess
        self.lines.append(
            Line(step.id, step.kind, "income", excess, excess, {"reserve": excess},
                 "reserve above its target", {"target": str(self._reserve_target())})
        )  # fmt: skip

    def _reserve_target(self) -> int:
        assert self.deal.reserve is not None  # check_deal refused the terms otherwise
        if self.inflow.pool_closing_minor == 0 or not any(self.balances.values()):
            return 0
        return self.deal.reserve.minor(
            self.inflow.pool_closing_minor, self.deal.original_pool_minor
        )

    def _dues(self, step: Step) -> list[_Due]:
        if step.kind in (Kind.FEE, Kind.INTEREST):
            return [self._charge(step.kind, name) for name in step.payees]
        if step.kind is Kind.PRINCIPAL:
            return self._principal(step)
        if step.kind is Kind.RESERVE:
            target = self._reserve_target()
            wanted = max(0, target - self.ledgers["reserve"])
            return [_Due("reserve", wanted, "up to its target", {"target": str(target)})]
        if step.kind is Kind.PURCHASE:
            offered = self.inflow.purchase_minor
            return [_Due(step.payees[0], offered, "receivables on offer", {})]
        return [_Due(step.payees[0], self._found(step), "what is left", {})]

    def _accrued(self, kind: Kind, name: str) -> tuple[int, str, dict[str, str]]:
        start, end = self.inflow.start, self.inflow.end
        if kind is Kind.INTEREST:
            tranche = self.deal.tranche(name)
            rate, fixed = tranche.rate, 0
            base, day_count = self.before.balances[name], tranche.day_count
            if tranche.index:
                rate += self._fixing(tranche.index)
        else:
            fee = self.deal.fee(name)
            if fee.invoiced:
                return self.inflow.invoices.get(name, 0), "as invoiced", {}
            rate, fixed = fee.rate, fee.fixed_minor
            base, day_count = self.inflow.pool_opening_minor, fee.day_count
        years = year_fraction(start, end, day_count)
        amount = fixed + _rounded(Fraction(rate) * base * years)
        params = {
            "base": str(base), "rate": str(rate), "years": str(years), "day_count": day_count,
            "fixed": str(fixed),
        }  # fmt: skip
        return amount, "base × rate × years", params

    def _fixing(self, index: str) -> Decimal:
        if index not in self.inflow.fixings:
            raise Invalid(
                code="fixing_missing",
                detail="There is no fixing of %(index)s for this period.",
                mend="Enter the index's rate before the distribution.",
                params={"index": index},
            )
        return self.inflow.fixings[index]

    def _owed(self, kind: Kind, name: str) -> int:
        paid = sum(x.paid_minor for x in self.lines if x.payee == name and x.kind is kind)
        return self.before.unpaid.get(name, 0) + self._accrued(kind, name)[0] - paid

    def _charge(self, kind: Kind, name: str) -> _Due:
        _, reason, params = self._accrued(kind, name)
        due = self._owed(kind, name)
        if self.before.unpaid.get(name, 0):
            params["carried"] = str(self.before.unpaid[name])
        if kind is Kind.FEE and (cap := self.deal.fee(name).cap_minor) is not None:
            due = min(due, cap)
            params["cap"] = str(cap)
        return _Due(name, due, reason, params)

    def _principal(self, step: Step) -> list[_Due]:
        balances = [self.balances[name] for name in step.payees]
        if step.rule is Rule.TARGET_BALANCE:
            wanted = [self._above_plan(name) for name in step.payees]
            return [
                _Due(name, want, "down to the planned balance", {})
                for name, want in zip(step.payees, wanted, strict=True)
            ]
        total, reason, params = self._principal_due(step)
        total = min(total, sum(balances))
        shares = self._split_principal(step.split, total, balances)
        return [
            _Due(name, share, reason, params)
            for name, share in zip(step.payees, shares, strict=True)
        ]

    @staticmethod
    def _split_principal(split: Split, total: int, balances: list[int]) -> list[int]:
        if split is Split.PRO_RATA and total:
            return allocate_minor(total, balances)
        shares = []
        for balance in balances:
            shares.append(min(balance, total))
            total -= shares[-1]
        return shares

    def _above_plan(self, name: str) -> int:
        planned = self.deal.tranche(name).planned_minor
        target = planned[self.before.period] if self.before.period < len(planned) else 0
        return max(0, self.balances[name] - target)

    def _principal_due(self, step: Step) -> tuple[int, str, dict[str, str]]:
        opening, closing = self.inflow.pool_opening_minor, self.inflow.pool_closing_minor
        if step.rule is Rule.TURBO:
            return self._found(step), "everything found", {}
        if step.rule is Rule.COLLECTED:
            collected = self.opening["principal"] - self.principal_paid
            return max(0, collected), "principal collected", {}
        if step.rule is Rule.TARGET_OC:
            target = self.deal.target_oc.minor(closing, self.deal.original_pool_minor)
            notes = sum(self.balances.values())
            params = {"notes": str(notes), "pool": str(closing), "target_oc": str(target)}
            return max(0, notes - max(0, closing - target)), "notes − (pool − target OC)", params
        decline = max(0, opening - closing - self.principal_paid)
        params = {"opening": str(opening), "closing": str(closing)}
        return decline, "pool before − pool after", params


def distribute(deal: Deal, before: Standing, inflow: Inflow) -> Distribution:
    """Run one period's money through the deal's steps.

    `deal` has passed `check_deal`. Raises `Invalid` for negative money or a missing fixing.
    """
    _check_inflow(inflow)
    run = _Run(deal, before, inflow)
    for step in deal.steps:
        if before.status in step.when:
            run.step(step)
    support = run.opening["support"] - run.ledgers["support"]
    carried = {name: run.ledgers[name] for name in ("income", "principal")}
    _assert_conserved(run, support)
    standing = replace(
        before,
        balances=run.balances,
        reserve_minor=run.ledgers["reserve"],
        unpaid={name: minor for name, minor in _all_unpaid(run).items() if minor},
        carried=carried,
        support_used_minor=before.support_used_minor + support,
        period=before.period + 1,
    )
    return Distribution(tuple(run.lines), run.opening, dict(run.ledgers), standing, support)


def _all_unpaid(run: _Run) -> Mapping[str, int]:
    """Also what a status gave no step to pay keeps being owed."""
    owed = dict(run.unpaid)
    paid_kinds = {(line.kind, line.payee) for line in run.lines}
    for tranche in run.deal.tranches:
        if (Kind.INTEREST, tranche.name) not in paid_kinds and tranche.rate:
            owed[tranche.name] = run._owed(Kind.INTEREST, tranche.name)
    return owed


def _check_inflow(inflow: Inflow) -> None:
    for name in ("income_minor", "principal_minor", "pool_opening_minor", "pool_closing_minor"):
        if getattr(inflow, name) < 0:
            raise Invalid(
                code="inflow_negative",
                detail="%(name)s is negative.",
                mend="Reversals lower the period in which the payment was counted.",
                params={"name": name},
            )


def _assert_conserved(run: _Run, support: int) -> None:
    moved_inside = (Kind.RESERVE, Kind.RELEASE)
    out = sum(line.paid_minor for line in run.lines if line.kind not in moved_inside)
    own = ("income", "principal", "reserve")
    before = sum(run.opening[name] for name in own) + support
    after = sum(run.ledgers[name] for name in own)
    if before != out + after:
        raise AssertionError(f"cash is not conserved: {before} in, {out} out, {after} left")
