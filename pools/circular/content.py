"""What a circular says, apart from how it looks. Pure: dataclasses of figures, no text of ours.

Amounts are whole minor units of `currency`; rates and shares decimal fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pools.structure.funding import Funding


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a part in the deal: `role` is a code (originator, trustee, custodian …)."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class Stratum:
    """One row of a stratification."""

    label: str
    assets: int
    balance_minor: int
    weighted_rate: Decimal


@dataclass(frozen=True, slots=True)
class Stratification:
    """The pool cut by one criterion; `code` names it (balance, rate, province, energy …)."""

    code: str
    strata: Sequence[Stratum]


@dataclass(frozen=True, slots=True)
class TrancheLine:
    """A class of notes; `support` is the share of the pool that takes losses before it."""

    name: str
    rank: int
    original_minor: int
    rate: Decimal
    share: Decimal
    support: Decimal
    index: str = ""
    wal_years: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the waterfall, by codes of `pools.structure.terms`."""

    kind: str
    payees: Sequence[str]
    sources: Sequence[str]
    statuses: Sequence[str]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One eligibility criterion: its reason for refusal (English, translated) and who failed."""

    code: str
    reason: str
    refused: int


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One concentration limit: what is allowed, what the pool has."""

    code: str
    reason: str
    limit: str
    actual: str
    holds: bool


@dataclass(frozen=True, slots=True)
class CashMonth:
    """One projected month of the pool and what each tranche has outstanding at its end."""

    month: date
    opening_minor: int
    scheduled_minor: int
    prepaid_minor: int
    defaulted_minor: int
    recovered_minor: int
    interest_minor: int
    closing_minor: int
    notes_minor: Sequence[int]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A figure with its 95 % interval; the interval may be absent."""

    code: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class ModelReport:
    """A model's α (back-test) or β (shadow run) report."""

    model: str
    test: str  # "alpha" or "beta"
    verdict: str
    rows: int
    events: int
    statistics: Sequence[Statistic]
    deciles: Sequence[tuple[float, float]] = ()  # predicted, observed
    simulated_time: bool = False


@dataclass(frozen=True, slots=True)
class LedgerPoint:
    """Where the ledger stood: the checkpoint that this document relies on."""

    origin: str
    size: int
    root: str
    sealed_at: datetime | None  # None: of a restored log that does not know it
    pool_index: int | None
    verify_url: str


@dataclass(frozen=True, slots=True)
class CleanUpCall:
    """The right to buy what is left: from which share of the pool, and where it is projected."""

    factor: Decimal
    month: date | None = None
    bought_minor: int = 0


@dataclass(frozen=True, slots=True)
class CircularContent:
    """Everything a circular needs."""

    pool_name: str
    reference: str
    trustee: str
    cut_off: date
    issued_on: date
    form: str
    currency: str
    parties: Sequence[Party]
    assets: int
    balance_minor: int
    net_value_minor: int | None
    weighted_rate: Decimal
    weighted_remaining_months: Decimal
    weighted_age_months: Decimal
    weighted_default_probability: Decimal | None
    largest_obligor_share: Decimal | None
    stratifications: Sequence[Stratification]
    tranches: Sequence[TrancheLine]
    steps: Sequence[StepLine]
    rules: Sequence[RuleLine]
    limits: Sequence[LimitLine]
    cash_flow: Sequence[CashMonth]
    models: Sequence[ModelReport]
    ledger: LedgerPoint | None
    simulated: bool = False
    rule_set: str = ""
    price_yield: Decimal | None = None
    funding: Funding | None = None
    call: CleanUpCall | None = None
