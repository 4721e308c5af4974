"""The feature list as data: name, direction of risk, codes of categories.

A direction of +1 says that the default probability may only rise with the value, −1 only fall,
0 leaves it free. The order of `FEATURES` is the column order of every feature matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ENERGY: Final = ("petrol", "diesel", "hybrid", "phev", "bev")
EMPLOYMENT: Final = ("salaried", "self_employed", "ride_hailing", "company")
VEHICLE_USE: Final = ("private", "ride_hailing", "commercial")
PRODUCT: Final = ("direct_lease", "sale_leaseback")


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the matrix. `known_at_signing` tells application models from behaviour.

    Values with a `step` are rounded up to a multiple of it. Trees cut a column at 63 quantiles: of
    the one asset in fifty that is late they would see one lump, and 61–90 days past due would get
    the probability of 31–60. With at most 63 different values every one is a cut of its own.
    """

    name: str
    direction: int = 0
    categorical: bool = False
    known_at_signing: bool = True
    step: float = 0.0


FEATURES: Final = (
    Feature("loan_to_value", +1),
    Feature("rent_to_income", +1),
    Feature("credit_score", -1),
    Feature("annual_rate", +1),
    Feature("term_months", +1),
    Feature("vehicle_age_years", +1),
    Feature("deposit_share", -1),
    Feature("employment", 0, categorical=True),
    Feature("energy", 0, categorical=True),
    Feature("product", 0, categorical=True),
    Feature("region", 0, categorical=True),
    Feature("dealer_late_rate", +1),
    Feature("conditions", +1),
    Feature("months_on_book", 0, known_at_signing=False),
    Feature("days_past_due", +1, known_at_signing=False, step=3),
    Feature("worst_days_late_3m", +1, known_at_signing=False, step=3),
    Feature("worst_days_late_12m", +1, known_at_signing=False, step=3),
    Feature("late_rents_12m", +1, known_at_signing=False),
    Feature("mean_days_late_6", +1, known_at_signing=False, step=1.5),
    Feature("arrears_in_rents", +1, known_at_signing=False, step=0.25),
    Feature("paid_down_share", -1, known_at_signing=False),
)

NAMES: Final = tuple(feature.name for feature in FEATURES)
DIRECTIONS: Final = tuple(feature.direction for feature in FEATURES)
CATEGORICAL: Final = tuple(feature.categorical for feature in FEATURES)
PLACE: Final = {name: index for index, name in enumerate(NAMES)}
