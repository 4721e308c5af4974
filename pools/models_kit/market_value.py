"""What a vehicle would fetch: P10, P50 and P90 of its price.

Location: squared-error boosting on log price, monotone in age and mileage (quantile loss breaks
monotone constraints and its quantiles cross). Spread: split conformal residuals, scaled by age
(Lei et al., Distribution-Free Predictive Inference, 2018), on a later slice than the location's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.utils.validation import check_is_fitted

from pools.models_kit.metrics import Floats

LEVELS = (0.10, 0.50, 0.90)


class MarketValueModel(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """`fit` on earlier prices, `conform` on later ones, then `quantiles`.

    `X` is (n, k) float64 with NaN for unknown; `monotone` and `categorical` hold one value a
    column; `spread_column` names the column (vehicle age) along which the spread may grow.
    """

    def __init__(
        self,
        monotone: Sequence[int],
        categorical: Sequence[bool],
        spread_column: int = 0,
        seed: int = 0,
    ) -> None:
        self.monotone = monotone
        self.categorical = categorical
        self.spread_column = spread_column
        self.seed = seed

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        """`y` are prices in any one unit, all positive."""
        x = np.asarray(X, dtype=np.float64)
        price = np.asarray(y, dtype=np.float64)
        if (price <= 0).any():
            raise ValueError("Prices must be positive.")
        self.location_ = HistGradientBoostingRegressor(
            learning_rate=0.12,
            max_iter=150,
            max_leaf_nodes=16,
            min_samples_leaf=20,
            l2_regularization=2.0,
            max_bins=127,
            monotonic_cst=list(self.monotone),
            categorical_features=list(self.categorical),
            early_stopping=False,
            random_state=self.seed,
        ).fit(x, np.log(price))
        return self

    def conform(self, X: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        """Learn the spread from prices the location has not seen; needs at least 20 of them."""
        check_is_fitted(self, "location_")
        x = np.asarray(X, dtype=np.float64)
        residual = np.log(np.asarray(y, dtype=np.float64)) - self.location_.predict(x)
        if len(residual) < 20:
            raise ValueError("The spread needs at least 20 later prices.")
        age = np.nan_to_num(x[:, self.spread_column])
        slope, level = np.polyfit(age, np.abs(residual), 1) if np.ptp(age) > 0 else (0.0, 0.0)
        typical = float(np.abs(residual).mean())
        self.spread_ = (max(float(slope), 0.0), float(level), max(typical * 0.25, 1e-4))
        score = residual / self._scale(x)
        n = len(score)
        low = np.quantile(score, max(0.0, (LEVELS[0] * (n + 1) - 1) / n), method="lower")
        high = np.quantile(score, min(1.0, LEVELS[2] * (n + 1) / n), method="higher")
        self.offsets_ = np.array([low, np.median(score), high])
        return self

    def _scale(self, x: Floats) -> Floats:
        slope, level, least = self.spread_
        return np.maximum(level + slope * np.nan_to_num(x[:, self.spread_column]), least)

    def quantiles(self, X: npt.ArrayLike) -> Floats:
        """(n, 3): P10 ≤ P50 ≤ P90 in the unit of the training prices."""
        check_is_fitted(self, "offsets_")
        x = np.asarray(X, dtype=np.float64)
        centre = self.location_.predict(x)[:, None]
        return np.asarray(np.exp(centre + self._scale(x)[:, None] * self.offsets_[None, :]))

    def predict(self, X: npt.ArrayLike) -> Floats:
        return self.quantiles(X)[:, 1]
