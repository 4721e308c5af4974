"""Weight-of-evidence logistic scorecard with the scikit-learn interface.

The challenger model: every point of its score can be read by a committee. Coefficients are held
at or above zero, so that a feature can never count against its own evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from pools.models_kit.binning import Bins, fit_bins
from pools.models_kit.metrics import Floats


class WoeScorecard(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """P(event) = σ(b₀ − Σ bⱼ·WOEⱼ(xⱼ)), bⱼ ≥ 0, ridge penalty on the bⱼ.

    `X` is (n, k) float64 with NaN for missing and category codes as floats. `monotone` and
    `categorical` hold one value a column (defaults: no direction, numeric).
    """

    def __init__(
        self,
        monotone: Sequence[int] | None = None,
        categorical: Sequence[bool] | None = None,
        max_bins: int = 8,
        penalty: float = 2.0,
    ) -> None:
        self.monotone = monotone
        self.categorical = categorical
        self.max_bins = max_bins
        self.penalty = penalty

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        """Bin every column, then fit the logistic weights; ValueError without both classes."""
        x = np.asarray(X, dtype=np.float64)
        outcome = np.asarray(y, dtype=np.float64)
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = x.shape[1]
        if outcome.min(initial=1) == outcome.max(initial=0):
            raise ValueError("A scorecard needs rows with and without the event.")
        monotone = self.monotone if self.monotone is not None else [0] * x.shape[1]
        categorical = self.categorical if self.categorical is not None else [False] * x.shape[1]
        self.bins_: list[Bins] = [
            fit_bins(
                x[:, j],
                outcome,
                monotone=monotone[j],
                categorical=categorical[j],
                max_bins=self.max_bins,
            )
            for j in range(x.shape[1])
        ]
        woe = self._woe(x)
        self.intercept_, self.coef_ = _non_negative_logistic(-woe, outcome, self.penalty)
        return self

    def _woe(self, x: Floats) -> Floats:
        return np.column_stack([b.transform(x[:, j]) for j, b in enumerate(self.bins_)])

    def decision_function(self, X: npt.ArrayLike) -> Floats:
        """Log-odds of the event, (n,)."""
        check_is_fitted(self)
        woe = self._woe(np.asarray(X, dtype=np.float64))
        return np.asarray(self.intercept_ - woe @ self.coef_, dtype=np.float64)

    def contributions(self, X: npt.ArrayLike) -> Floats:
        """Log-odds each column adds (+ is riskier than average), (n, k); rows sum to the score."""
        check_is_fitted(self)
        return np.asarray(-self._woe(np.asarray(X, dtype=np.float64)) * self.coef_)

    def predict_proba(self, X: npt.ArrayLike) -> Floats:
        p = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - p, p])

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.int64]:
        return (self.decision_function(X) > 0).astype(np.int64)


def _non_negative_logistic(x: Floats, y: Floats, penalty: float) -> tuple[float, Floats]:
    """Intercept and weights ≥ 0 of the ridge-penalised logistic log-likelihood (L-BFGS-B)."""

    def loss(theta: Floats) -> tuple[float, Floats]:
        score = theta[0] + x @ theta[1:]
        p = 1 / (1 + np.exp(-np.clip(score, -40, 40)))
        value = np.logaddexp(0, score).sum() - y @ score + 0.5 * penalty * theta[1:] @ theta[1:]
        residual = p - y
        gradient = np.r_[residual.sum(), x.T @ residual + penalty * theta[1:]]
        return float(value), gradient

    rate = y.mean()
    start = np.r_[np.log(rate / (1 - rate)), np.full(x.shape[1], 0.5)]
    bounds = [(None, None)] + [(0.0, None)] * x.shape[1]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]), np.asarray(found.x[1:], dtype=np.float64)
