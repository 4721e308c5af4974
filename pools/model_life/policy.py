"""The lender's own figures that no data can give: rates, costs, floors. Data with sources.

Figures marked [check] come from general knowledge and must be confirmed before use.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from pools.models_kit.alpha import AlphaThresholds
from pools.models_kit.beta import BetaThresholds
from pools.models_kit.words import HORIZON_MONTHS, SHADOW_MONTHS
from pools.valuation.curve import Curve


@dataclass(frozen=True, slots=True)
class ValuationPolicy:
    """What the committee decided; the whole of it is hashed into each screening's inputs."""

    name: str = "policy-2026-1"
    curve_name: str = "CNY loan prime rate 1Y/5Y"  # [check] levels, PBC monthly announcement
    curve_months: tuple[int, ...] = (12, 60)
    curve_rates: tuple[float, ...] = (0.0300, 0.0350)
    spread: float = 0.0300
    market_spread: float = 0.0150
    servicing_rate: float = 0.0080
    settlement_penalty: float = 0.0200
    probability_floor: float = 0.0003
    prior_recovery_ratio: float = 0.50
    # Used only where fewer than `min_prices` price observations were seen:
    yearly_depreciation: float = 0.18
    value_band: float = 0.20
    min_prices: int = 300

    @property
    def curve(self) -> Curve:
        return Curve(self.curve_name, self.curve_months, self.curve_rates)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Slices in months back from the training date; label windows are `horizon` long.

    Calibration starts `horizon` before the training date, the newest training slice `2·horizon`
    before it: each label window ends before the next slice starts.
    """

    horizon: int = HORIZON_MONTHS
    slice_step: int = 3
    max_slices: int = 8
    min_rows: int = 300
    seed: int = 20_260_630
    shadow_months: int = SHADOW_MONTHS


@dataclass(frozen=True, slots=True)
class Gates:
    """Thresholds of both tests and of the vehicle-value bands."""

    alpha: AlphaThresholds = field(default_factory=AlphaThresholds)
    beta: BetaThresholds = field(default_factory=BetaThresholds)
    min_value_coverage: float = 0.70
    max_value_coverage: float = 0.92
