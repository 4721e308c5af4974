"""Sources equal uses at closing, and who pays what the price has above the principal."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from pools.structure.forms import Form
from pools.structure.funding import fund
from pools.structure.templates import StandardTerms, standard_deal
from pools.structure.terms import Deal
from pools.structure.waterfall import Standing
from tests.pools.refusals import refused

SHARES = st.decimals("0.05", "0.95", places=4)
POOLS = st.integers(1_000_000, 10**12)


def deal_of(pool: int, senior: Decimal, mezzanine: Decimal, reserve: Decimal) -> Deal:
    terms = StandardTerms(
        Form.LOAN, senior, Decimal("0.034"), mezzanine, Decimal("0.05"), reserve_share=reserve
    )
    return standard_deal(terms, pool)


@given(
    POOLS, SHARES, st.decimals("0", "0.3", places=4), st.decimals("0", "0.1", places=4),
    st.decimals("0.5", "1.4", places=6),
)  # fmt: skip
def test_sources_equal_uses_to_the_cent(
    pool: int, senior: Decimal, mezzanine: Decimal, reserve: Decimal, ratio: Decimal
) -> None:
    assume(senior + mezzanine <= 1)
    deal, price = deal_of(pool, senior, mezzanine, reserve), int(pool * ratio)
    notes = sum(t.original_minor for t in deal.tranches if t.name != "subordinated")
    held = Standing.at_start(deal).reserve_minor
    if notes > price + held:
        with refused("notes_above_uses"):
            fund(deal, price)
        return
    closing = fund(deal, price)
    assert closing.sources_minor == closing.uses_minor == price + held
    assert closing.reserve_minor == held  # what the first distribution finds there
    assert closing.issue_minor == price + held - notes >= 0
    nominal = sum(t.original_minor for t in deal.tranches)
    assert nominal == closing.pool_minor == pool
    assert closing.premium_minor == closing.excess_minor + closing.reserve_minor


def test_the_premium_is_the_price_above_principal_and_the_reserve() -> None:
    deal = deal_of(10_000_000, Decimal("0.78"), Decimal("0.08"), Decimal("0.01"))
    closing = fund(deal, 10_720_001)
    assert closing.notes == (("senior", 7_800_000), ("mezzanine", 800_000))
    assert (closing.reserve_minor, closing.excess_minor) == (100_000, 720_001)
    assert (closing.issue_minor, closing.premium_minor) == (2_220_001, 820_001)
