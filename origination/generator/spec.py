"""What portfolio to draw: sizes, dates and the target default rates of each lessor."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from tenants.problems import Invalid

LessorKind = Literal["independent", "captive"]

#: Months of history after the last origination month: every vintage shows its full first year,
#: which is the label window of the origination test.
OBSERVATION_TAIL_MONTHS = 12


@dataclass(frozen=True)
class LessorSpec:
    """One lessor's share of the book.

    `default_rate_24m` is the target share of leases more than 90 days past due within 24 months of
    origination. `makes` limits a maker's own lessor to its makes; empty means every make.
    """

    code: str
    kind: LessorKind
    leases: int
    default_rate_24m: float
    makes: tuple[str, ...] = ()


INDEPENDENT = LessorSpec("ANDA", "independent", 40_000, 0.018)
CAPTIVE = LessorSpec("XINGYU", "captive", 10_000, 0.0035, ("Geely", "Lynk & Co", "Zeekr", "Volvo"))


@dataclass(frozen=True)
class PortfolioSpec:
    """A whole portfolio. Two equal specs give equal portfolios, bit for bit.

    `future_months` simulates past `as_of`, so that a live demo can let the future arrive day by
    day. `partition_leases` bounds memory: a larger portfolio is drawn in partitions of that size.
    """

    lessors: tuple[LessorSpec, ...] = (INDEPENDENT, CAPTIVE)
    seed: int = 20_260_630
    first_month: date = date(2021, 7, 1)
    origination_months: int = 48
    future_months: int = 0
    partition_leases: int = 50_000
    telematics_days: int = 30
    telematics_share: float = 0.2
    currency: str = field(default="CNY", init=False)

    def __post_init__(self) -> None:
        if self.first_month.day != 1:
            raise SpecProblem("first_month", "must be the first day of a month")
        if self.origination_months < 1 or self.partition_leases < 1:
            raise SpecProblem("origination_months", "months and partition size must be at least 1")
        for lessor in self.lessors:
            if lessor.leases < 0 or not 0 < lessor.default_rate_24m < 0.5:
                raise SpecProblem(
                    lessor.code, "leases must be ≥ 0 and the default rate in (0, 0.5)"
                )

    @property
    def leases(self) -> int:
        """Leases of all lessors together."""
        return sum(lessor.leases for lessor in self.lessors)

    @property
    def observed_months(self) -> int:
        """Calendar months from `first_month` to `as_of`, inclusive."""
        return self.origination_months + OBSERVATION_TAIL_MONTHS

    @property
    def simulated_months(self) -> int:
        """Calendar months that the simulation runs, the future included."""
        return self.observed_months + self.future_months

    @property
    def as_of(self) -> date:
        """The last day of history: the end of the last observed month."""
        return month_start(self.first_month, self.observed_months) - timedelta(days=1)


class SpecProblem(Invalid):
    """A portfolio specification that cannot be drawn."""

    title = "The portfolio specification cannot be used."
    mend = "Correct the value and run again."

    def __init__(self, where: str, what: str) -> None:
        super().__init__(
            code="generator.spec",
            detail="%(where)s: %(what)s",
            params={"where": where, "what": what},
        )


def month_start(first: date, months: int) -> date:
    """The first day of the month `months` after `first` (itself a first day)."""
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(years, month + 1, 1)


def portfolio_of(leases: int, **changes: object) -> PortfolioSpec:
    """The default portfolio scaled to `leases` in total, four fifths of them independent."""
    captive = leases // 5
    lessors = (
        LessorSpec("ANDA", "independent", leases - captive, INDEPENDENT.default_rate_24m),
        LessorSpec("XINGYU", "captive", captive, CAPTIVE.default_rate_24m, CAPTIVE.makes),
    )
    return PortfolioSpec(lessors=lessors, **changes)  # type: ignore[arg-type]
