"""Quotes as officers ask for them: one plain example, and a strategy over all products."""

from datetime import date

from hypothesis import strategies as st

PLAIN = {
    "product": "direct_lease",
    "price_minor": "14000000",
    "first_payment_ratio": "0.2",
    "pattern": "level",
    "timing": "arrears",
    "term_months": "36",
    "annual_nominal_rate": "0.0685",
    "starts_on": "2026-03-02",
}
PATTERNS = ["level", "level_principal", "flat_fee", "step", "seasonal"]


@st.composite
def quote_inputs(draw, *, patterns=PATTERNS, charges=True, max_term=60):
    """Inputs that mostly make a quote: every product, pattern, timing, charge and residual."""
    term = draw(st.integers(1, max_term))
    price = draw(st.integers(10_000 * term, 5 * 10**8))
    product = draw(st.sampled_from(["direct_lease", "sale_leaseback"]))
    pattern = draw(st.sampled_from(patterns))
    found = {
        "product": product,
        "price_minor": str(price),
        "first_payment_ratio": draw(st.sampled_from(["0", "0.2", "0.333333"])),
        "pattern": pattern,
        "timing": draw(st.sampled_from(["arrears", "advance"])),
        "term_months": str(term),
        "starts_on": draw(st.dates(date(2018, 1, 1), date(2030, 12, 31))).isoformat(),
    }
    rate = draw(st.integers(0, 300_000))
    if pattern == "flat_fee":
        found["flat_rate_monthly"] = f"0.{rate // 15:06}"
    else:
        found["annual_nominal_rate"] = f"0.{rate:06}"
    if pattern == "step":
        found["steps"] = draw(_steps(term))
    if pattern == "seasonal":
        share = st.sampled_from([50, 100, 200])
        season = draw(st.lists(share | st.just(0), min_size=12, max_size=12))
        season[(int(found["starts_on"][5:7]) + draw(st.integers(0, min(term, 12) - 1))) % 12] = 100
        found["season"] = ",".join(map(str, season))
    residuals = ["balloon_minor", "purchase_minor"]
    residuals += ["unguaranteed_minor"] if product == "direct_lease" else []
    for name in draw(st.lists(st.sampled_from(residuals), unique=True, max_size=2)):
        found[name] = str(draw(st.sampled_from([100, price // 10, price // 4])))
    return found | (draw(_charges(price, product)) if charges else {})


@st.composite
def _steps(draw, term):
    cuts = sorted(draw(st.sets(st.integers(1, term), max_size=3)) | {term})
    runs = [b - a for a, b in zip([0, *cuts], cuts, strict=False)]
    return ",".join(f"{months}:{draw(st.sampled_from([60, 100, 140]))}" for months in runs)


@st.composite
def _charges(draw, price, product):
    amount = st.integers(0, price // 40).map(str)
    paid = st.sampled_from(["upfront", "financed"])
    found = {}
    for name in ("fee", "gps", "insurance", *(["tax"] if product == "direct_lease" else [])):
        if draw(st.booleans()):
            found |= {f"{name}_minor": draw(amount), f"{name}_paid": draw(paid)}
    return found | {
        "insurance_choice": draw(st.sampled_from(["tied", "free"])),
        "deposit_minor": str(draw(st.sampled_from([0, price // 20, price // 5]))),
        "deposit_use": draw(st.sampled_from(["returned", "set_off"])),
        "late_rate_daily": draw(st.sampled_from(["0", "0.0005", "0.001"])),
        "initial_direct_costs_minor": draw(amount),
    }
