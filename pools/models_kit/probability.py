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
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from pools.models_kit.metrics import Floats, logit


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
