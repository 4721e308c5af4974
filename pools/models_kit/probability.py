"""Calibrated default probability: a base classifier frozen, a sigmoid on its logit, a floor.

Isotonic calibration gave a probability of exactly 0 on 4 % of rows in the probe and is not used.
The base is a gradient boosting with monotone constraints (champion) or a scorecard (challenger);
either can hold either place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from pools.models_kit.metrics import Floats, logit

#: Normal priors of the straight lines: mean of the level's slope, deviations of both kinds.
_LEVEL_PRIOR, _LEVEL_SPREAD, _LATE_SPREAD = 1.0, 0.75, 3.0


def boosting(
    monotone: Sequence[int], categorical: Sequence[bool], seed: int
) -> HistGradientBoostingClassifier:
    """The champion's base: shallow trees, strong shrinkage, for a few hundred events."""
    return HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=90,
        max_leaf_nodes=8,
        min_samples_leaf=120,
        l2_regularization=20.0,
        max_bins=63,
        monotonic_cst=list(monotone),
        categorical_features=list(categorical),
        early_stopping=False,
        random_state=seed,
    )


class WithStraightLines(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A base on every column but `level`, and beside it what trees and bins cannot learn well.

    - `level` is the same for every asset of a day (the state of the economy), so it has as many
      observations as there are slices: trees would learn the slices by heart and move the whole
      book in steps. It shifts the log-odds in a straight line, its slope drawn to 1 (a book in
      which a tenth more pay late has a tenth more defaults).
    - `late` beyond each of `bounds` adds to the log-odds, never below zero: the few assets that are
      furthest behind are too few for a leaf, and a strong base shrinks them to their neighbours.
    """

    def __init__(
        self, base: BaseEstimator, level: int, late: int, bounds: Sequence[float] = ()
    ) -> None:
        self.base = base
        self.level = level
        self.late = late
        self.bounds = bounds

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        x, outcome = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
        self.classes_ = np.array([0, 1])
        self.base_ = clone(self.base).fit(np.delete(x, self.level, axis=1), outcome.astype(int))
        score, lines = self._score(x), self._lines(x)
        prior = np.r_[0.0, _LEVEL_PRIOR, np.zeros(len(self.bounds))]
        weight = np.r_[0.0, _LEVEL_SPREAD**-2, np.full(len(self.bounds), _LATE_SPREAD**-2)]

        def loss(theta: Floats) -> tuple[float, Floats]:
            eta = score + lines @ theta
            away = theta - prior
            value = np.logaddexp(0, eta).sum() - outcome @ eta + 0.5 * weight @ away**2
            return float(value), lines.T @ (1 / (1 + np.exp(-eta)) - outcome) + weight * away

        limits = [(None, None), *[(0.0, None)] * (1 + len(self.bounds))]
        found = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=limits)
        self.coef_ = np.asarray(found.x, dtype=np.float64)
        return self

    def _score(self, x: Floats) -> Floats:
        score = self.base_.decision_function(np.delete(x, self.level, axis=1))
        return np.asarray(score, dtype=np.float64)

    def _lines(self, x: Floats) -> Floats:
        steps = [x[:, self.late] > bound for bound in self.bounds]
        return np.column_stack([np.ones(len(x)), x[:, self.level], *steps]).astype(np.float64)

    def decision_function(self, X: npt.ArrayLike) -> Floats:
        check_is_fitted(self, "coef_")
        x = np.asarray(X, dtype=np.float64)
        return np.asarray(self._score(x) + self._lines(x) @ self.coef_)

    def predict_proba(self, X: npt.ArrayLike) -> Floats:
        p = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - p, p])

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.int64]:
        return (self.decision_function(X) > 0).astype(np.int64)


class CalibratedProbability(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """`fit` on the training slice, `calibrate` on a later one, then `probability` ≥ `floor`.

    The sigmoid is Platt's (1999), fitted on the base's decision function (log-odds).
    """

    def __init__(self, base: BaseEstimator, floor: float = 0.0003) -> None:
        self.base = base
        self.floor = floor

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        self.base_ = clone(self.base).fit(np.asarray(X, dtype=np.float64), np.asarray(y, dtype=int))
        self.classes_ = np.array([0, 1])
        return self

    def calibrate(self, X: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        """Learn the sigmoid; the base stays as it is. ValueError without both classes."""
        check_is_fitted(self, "base_")
        outcome = np.asarray(y, dtype=int)
        if outcome.min(initial=1) == outcome.max(initial=0):
            raise ValueError("The calibration slice needs rows with and without the event.")
        self.calibrator_ = CalibratedClassifierCV(FrozenEstimator(self.base_), method="sigmoid")
        self.calibrator_.fit(np.asarray(X, dtype=np.float64), outcome)
        return self

    def probability(self, X: npt.ArrayLike) -> Floats:
        """P(event) in [floor, 1], float64 (n,)."""
        check_is_fitted(self, "calibrator_")
        p = self.calibrator_.predict_proba(np.asarray(X, dtype=np.float64))[:, 1]
        return np.asarray(np.maximum(p, self.floor), dtype=np.float64)

    def decision_function(self, X: npt.ArrayLike) -> Floats:
        return logit(self.probability(X))

    def predict_proba(self, X: npt.ArrayLike) -> Floats:
        p = self.probability(X)
        return np.column_stack([1 - p, p])
