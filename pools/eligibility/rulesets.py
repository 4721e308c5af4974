"""Rule sets that the house knows, each dated and with its source.

Pure data. Sources: `house` is this product's prudent default for vehicle leases; `exchange` is the
Chinese exchange guide for lease ABS of 2018-02-09 (probably superseded: kept as one dated set);
`yardsticks` are S&P's published figures for lease pools.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from pools.eligibility.rules import (
    AverageLimit,
    CountLimit,
    Criterion,
    GroupLimit,
    Operator,
    RuleSet,
)

HOUSE: Final = RuleSet(
    id="house-2024",
    source="LeaseLedger prudent default for vehicle leases",
    valid_from=date(2024, 1, 1),
    criteria=(
        Criterion("registers-asked", "searched_days", Operator.AT_MOST, ("90",),
                  "No outside register was asked about it within 90 days."),
        Criterion("registered-clear", "encumbered", Operator.NONE_OF, ("true",),
                  "An outside register shows the vehicle or the receivable encumbered."),
        Criterion("right-free", "right_state", Operator.EQUAL, ("claimed",),
                  "The receivable is not free to be pledged."),
        Criterion("performing", "days_past_due", Operator.AT_MOST, ("0",),
                  "A rental is past due."),
        Criterion("not-defaulted", "defaulted", Operator.EQUAL, ("false",),
                  "The asset has been in default."),
        Criterion("seasoned", "age_months", Operator.AT_LEAST, ("3",),
                  "Fewer than three months have passed since origination."),
        Criterion("not-ending", "remaining_months", Operator.AT_LEAST, ("3",),
                  "Fewer than three months remain."),
        Criterion("not-too-long", "remaining_months", Operator.AT_MOST, ("60",),
                  "More than 60 months remain."),
        Criterion("pays-enough", "annual_nominal_rate", Operator.AT_LEAST, ("0.03",),
                  "The lease yields less than 3 % a year."),
        Criterion("worth-it", "discount_rate", Operator.AT_LEAST, ("0.70",),
                  "The net value is below 70 % of the outstanding principal."),
        Criterion("likely-to-pay", "probability_of_default", Operator.AT_MOST, ("0.10",),
                  "The probability of default is above 10 %."),
        Criterion("financed-within-price", "financed_to_price", Operator.AT_MOST, ("1.05",),
                  "More was financed than 105 % of the vehicle's price."),
        Criterion("currency", "currency", Operator.EQUAL, ("CNY",),
                  "The lease is not in the facility's currency."),
    ),
    groups=(
        GroupLimit("one-obligor", "obligor", Decimal("0.01"),
                   "One group of related obligors holds more than 1 %."),
        GroupLimit("one-province", "province", Decimal("0.30"),
                   "One province holds more than 30 %."),
        GroupLimit("one-model", "make_model", Decimal("0.20"),
                   "One vehicle model holds more than 20 %."),
        GroupLimit("one-make", "vehicle_make", Decimal("0.40"),
                   "One make holds more than 40 %."),
        GroupLimit("ride-hailing", "vehicle_use", Decimal("0.25"),
                   "Vehicles for ride hailing hold more than 25 %.", only=("ride_hailing",)),
        GroupLimit("battery-electric", "energy", Decimal("0.50"),
                   "Battery-electric vehicles hold more than 50 %.", only=("bev",)),
        GroupLimit("one-maturity-month", "maturity_month", Decimal("0.10"),
                   "More than 10 % matures in one month."),
    ),
    averages=(
        AverageLimit("mean-pd", "probability_of_default", Operator.AT_MOST, Decimal("0.04"),
                     "The mean probability of default is above 4 %."),
        AverageLimit("mean-remaining", "remaining_months", Operator.AT_MOST, Decimal("36"),
                     "The mean remaining term is above 36 months."),
    ),
    counts=(
        CountLimit("enough-obligors", "obligor", 10, "There are fewer than 10 unrelated obligors."),
    ),
)  # fmt: skip

EXCHANGE_2018: Final = RuleSet(
    id="exchange-2018-02-09",
    source="Exchange guide on confirmation of listing for lease-receivable ABS, 2018-02-09",
    valid_from=date(2018, 2, 9),
    criteria=tuple(
        criterion
        for criterion in HOUSE.criteria
        if criterion.id
        in ("registers-asked", "registered-clear", "right-free", "not-defaulted", "currency")
    ),
    groups=(
        GroupLimit("one-obligor", "obligor", Decimal("0.50"),
                   "One group of related obligors holds more than 50 %."),
        GroupLimit("top-five", "obligor", Decimal("0.70"),
                   "The five largest obligors hold more than 70 %.", top=5),
    ),
    counts=HOUSE.counts,
)  # fmt: skip

YARDSTICKS: Final = RuleSet(
    id="yardsticks",
    source="S&P yardsticks for vehicle lease pools",
    valid_from=date(2020, 1, 1),
    criteria=HOUSE.criteria,
    groups=(
        GroupLimit("one-maturity-month", "maturity_month", Decimal("0.05"),
                   "More than 5 % matures in one month."),
        GroupLimit("one-model", "make_model", Decimal("0.20"),
                   "One vehicle model holds more than 20 %."),
    ),
    counts=HOUSE.counts,
)  # fmt: skip

RULE_SETS: Final = {rules.id: rules for rules in (HOUSE, EXCHANGE_2018, YARDSTICKS)}
