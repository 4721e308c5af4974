"""Amounts beside each other: slips of unit, and leases that are none."""

from typing import Final

import polars as pl

from origination.domain.tapes.reported import gettext_noop as _n
from origination.domain.tapes.rules.shape import E, N, Rule, W

_price, _financed = pl.col("vehicle_price_minor"), pl.col("financed_amount_minor")
_rent, _term, _rate = pl.col("rent_minor"), pl.col("term_months"), pl.col("annual_nominal_rate")
_residual, _kind = pl.col("residual_minor"), pl.col("residual_kind")
_deposit, _fee = pl.col("deposit_minor"), pl.col("fee_minor")
_income = pl.col("lessee_income_monthly_minor")
_is_cny = pl.col("currency") == "CNY"
_is_person = pl.col("lessee_kind") == "person"
_rents = _rent * _term
_is_level = pl.col("rent_pattern").is_in(["level", "flat_fee"])
_UNIT: Final = _n("Check the unit: amounts are in minor units once they are mapped.")

RULES: Final = (
    Rule(
        "price_low", W, "vehicle_price_minor", _is_cny & (_price < 300_000),
        _n("The vehicle costs less than 3,000 yuan."), _UNIT,
    ),
    Rule(
        "price_high", W, "vehicle_price_minor", _is_cny & (_price > 1_000_000_000),
        _n("The vehicle costs more than ten million yuan."), _UNIT,
    ),
    Rule(
        "rent_low", W, "rent_minor", _is_cny & (_rent < 5_000),
        _n("The rent is below 50 yuan."), _UNIT,
    ),
    Rule(
        "financed_far_below_price", W, "financed_amount_minor", _financed * 10 < _price,
        _n("Less than a tenth of the vehicle's price is financed."),
        _n("Check that price and financed amount are in the same unit."),
    ),
    Rule(
        "nothing_paid_first", N, "financed_amount_minor",
        (_financed >= _price) & (pl.col("product") == "direct_lease"),
        _n("The whole price is financed: the lessee paid nothing first."),
        _n("Check the first payment; the risk is that of a full loan."),
    ),
    Rule(
        "rent_above_financed", W, "rent_minor", (_rent > _financed) & (_term > 1),
        _n("One rent is more than all that is financed."),
        _n("Check that rent and financed amount are in the same unit."),
    ),
    Rule(
        "rents_below_financed", E, "rent_minor",
        _is_level & ((_rents + _residual) * 100 < _financed * 99),
        _n("All rents and the residual are less than what is financed."),
        _n("Check rent, term and residual; what is repaid is at least what was financed."),
    ),
    Rule(
        "principal_rent_low", W, "rent_minor",
        (pl.col("rent_pattern") == "level_principal")
        & (_rents * 100 < (_financed - _residual) * 99),
        _n("The first rent is below one period's principal."),
        _n("Write the first rent, which is the highest under level principal."),
    ),
    Rule(
        "rate_zero", W, "annual_nominal_rate",
        (_rate == 0) & (_rents + _residual > _financed * 1.02),
        _n("The rate is zero and yet more is paid than was financed."),
        _n("Write the rate that the rents amount to."),
    ),
    Rule(
        "rate_very_high", W, "annual_nominal_rate", _rate > 0.36,
        _n("The rate is above 36 per cent a year."),
        _n("Check whether it is in per cent, a month's, or a year's."),
    ),
    Rule(
        "rate_very_low", W, "annual_nominal_rate", (_rate > 0) & (_rate < 0.005),
        _n("The rate is below half a per cent a year."),
        _n("Check whether it is a month's rate or was divided by a hundred twice."),
    ),
    Rule(
        "deposit_large", W, "deposit_minor", _deposit * 2 > _financed,
        _n("The deposit is more than half of what is financed."),
        _n("Check it; a first payment lowers the financed amount and is no deposit."),
    ),
    Rule(
        "fee_large", W, "fee_minor", _fee * 5 > _financed,
        _n("The fee is more than a fifth of what is financed."), _UNIT,
    ),
    Rule(
        "residual_above_financed", W, "residual_minor", _residual > _financed,
        _n("The residual is more than what is financed."),
        _n("Check both; nothing would be repaid before the end."),
    ),
    Rule(
        "nominal_purchase_high", W, "residual_minor",
        (_kind == "nominal_purchase") & (_residual * 10 > _price),
        _n("The nominal purchase price is more than a tenth of the vehicle's price."),
        _n("Write it as a balloon; a nominal price is a token."),
    ),
    Rule(
        "balloon_without_amount", W, "residual_minor",
        _kind.is_in(["balloon", "unguaranteed"]) & (_residual == 0),
        _n("There is a balloon or residual of nothing."),
        _n("Write its amount, or nominal purchase as its kind."),
    ),
    Rule(
        "unguaranteed_leaseback", W, "residual_kind",
        (_kind == "unguaranteed") & (pl.col("product") == "sale_leaseback"),
        _n("A sale and leaseback leaves the residual to nobody."),
        _n("The seller takes the vehicle back in a leaseback: check product and residual."),
    ),
    Rule(
        "rent_above_income", N, "lessee_income_monthly_minor", _is_person & (_rent > _income),
        _n("The rent is more than the lessee's stated income."),
        _n("Check the income's unit and who else pays."),
    ),
    Rule(
        "income_very_high", N, "lessee_income_monthly_minor",
        _is_person & _is_cny & (_income > 100_000_000),
        _n("The lessee states an income of more than a million yuan a month."), _UNIT,
    ),
    Rule(
        "foreign_currency", N, "currency", ~_is_cny,
        _n("The lease is not in yuan."),
        _n("Check the currency; rents of a vehicle in China are in yuan as a rule."),
    ),
)  # fmt: skip
