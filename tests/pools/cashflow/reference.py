"""A slow projection that follows each default on its own, to hold the kernel against."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Cohort:
    month: int
    defaulted: float
    balance: float


@dataclass
class Month:
    performing: float = 0.0
    new_default: float = 0.0
    foreclosure: float = 0.0
    prepayment: float = 0.0
    amortisation: float = 0.0
    interest: float = 0.0
    recovery: float = 0.0
    loss: float = 0.0


@dataclass
class Lease:
    balance: float
    annual_rate: float
    remaining: int
    age: int = 0
    balloon: float = 0.0
    level_principal: bool = False
    default_multiplier: float = 1.0
    prepay_multiplier: float = 1.0
    cohorts: list[Cohort] = field(default_factory=list)


def scheduled(lease: Lease) -> list[float]:
    """Balances after 0..n months when everybody pays, the balloon with the last rent."""
    rate, n = lease.annual_rate / 12, lease.remaining
    if lease.level_principal or rate == 0:
        part = (lease.balance - lease.balloon) / n
        return [lease.balance - part * k for k in range(n)] + [0.0]
    growth = (1 + rate) ** n
    rent = (lease.balance * growth - lease.balloon) * rate / (growth - 1)
    balances = [lease.balance]
    for _ in range(n - 1):
        balances.append(balances[-1] * (1 + rate) - rent)
    return balances + [0.0]


def hazard(curve: list[float], age: int, multiplier: float) -> float:
    return 1 - (1 - curve[min(age, len(curve) - 1)]) ** multiplier


def project_naively(
    leases: list[Lease],
    defaults: list[float],
    prepays: list[float],
    lag: int,
    severity: float,
    advanced: bool,
) -> list[Month]:
    months = [Month() for _ in range(max(lease.remaining for lease in leases))]
    for lease in leases:
        plan, rate = scheduled(lease), lease.annual_rate / 12
        performing, cohorts = lease.balance, []
        for t in range(1, lease.remaining + 1):
            kept = plan[t] / plan[t - 1]
            mdr = hazard(defaults, lease.age + t - 1, lease.default_multiplier)
            if t > lease.remaining - lag:
                mdr = 0.0
            smm = hazard(prepays, lease.age + t - 1, lease.prepay_multiplier)
            month = months[t - 1]
            defaulted = performing * mdr
            prepaid = performing * kept * min(smm, 1 - mdr)
            left = performing - defaulted
            month.new_default += defaulted
            month.prepayment += prepaid
            month.amortisation += left * (1 - kept)
            month.interest += left * rate
            cohorts.append(Cohort(t, defaulted, defaulted))
            for cohort in [c for c in cohorts if c.month == t - lag]:
                lost = min(severity * cohort.defaulted, cohort.balance)
                month.loss += lost
                month.recovery += cohort.balance - lost
                cohorts.remove(cohort)
            if advanced:
                for cohort in cohorts:
                    cohort.balance *= kept
            performing = left * kept - prepaid
            month.performing += performing
            month.foreclosure += sum(cohort.balance for cohort in cohorts)
    return months
