"""Hypothesis strategies: leases as lessors write them."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from origination.domain.months import add_months
from origination.domain.schedule import LeaseTerms, Pattern, ResidualKind, Timing, first_rent


@st.composite
def lease_terms(draw: st.DrawFn, max_term: int = 60) -> LeaseTerms:
    """Terms whose rent fits them, in every pattern, timing and kind of residual."""
    term = draw(st.integers(1, max_term))
    financed = draw(st.integers(10_000 * term, 10**9))
    residual = draw(st.sampled_from([0, 10_000])) or draw(st.integers(0, financed // 2))
    pattern = draw(st.sampled_from(Pattern))
    timing = draw(st.sampled_from(Timing))
    rate = Decimal(draw(st.integers(0, 240_000))).scaleb(-6)
    first = draw(st.dates(date(2018, 1, 1), date(2027, 12, 31)))
    rent = first_rent(
        pattern=pattern,
        financed_minor=financed,
        annual_nominal_rate=rate,
        term_months=term,
        residual_minor=residual,
        timing=timing,
        flat_rate_monthly=rate / 20,
    )
    return LeaseTerms(
        financed_minor=financed,
        rent_minor=rent,
        annual_nominal_rate=rate,
        term_months=term,
        first_payment_on=first,
        maturity_on=add_months(first, term - (timing is Timing.ARREARS)),
        pattern=pattern,
        timing=timing,
        residual_minor=residual,
        residual_kind=draw(st.sampled_from(ResidualKind)),
    )
