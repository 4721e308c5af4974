"""Monthly hazards: one multiplier an asset × one baseline by age, on the cloglog scale.

log(−log(1 − h)) = η + α(age), so −log(1 − h) = m·c(age) with m = e^η. One score an asset and one
baseline replace the person-month expansion (a million leases would be 60 M rows). Prentice and
Gloeckler (1978) is the source of the grouped proportional-hazards form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from pools.models_kit.metrics import Floats

_ITERATIONS = 40


@dataclass(frozen=True, slots=True)
class Baseline:
    """c(age) = −log(1 − h(age)) for ages 0, 1, … months; the last value holds for older ages."""

    cumulative: Floats

    def hazard(self) -> Floats:
        """Monthly hazard by age, (ages,)."""
        return np.asarray(1 - np.exp(-self.cumulative), dtype=np.float64)


def fit_baseline(
    at_risk: npt.ArrayLike, events: npt.ArrayLike, *, bandwidth: float = 3.0, prior: float = 2.0
) -> Baseline:
    """Baseline from months at risk and events by age, both (ages,).

    Gaussian weights over `bandwidth` months smooth neighbouring ages; `prior` events at the
    overall rate keep an age that nobody has reached away from zero and from infinity.
    ValueError when there is no exposure at all or more events than exposure.
    """
    exposure = np.asarray(at_risk, dtype=np.float64)
    count = np.asarray(events, dtype=np.float64)
    if exposure.sum() <= 0 or (count > exposure).any():
        raise ValueError("A baseline needs months at risk, and no more events than months.")
    overall = max(count.sum(), 0.5) / exposure.sum()
    age = np.arange(len(exposure))
    kernel = np.exp(-0.5 * ((age[:, None] - age[None, :]) / bandwidth) ** 2)
    rate = (kernel @ count + prior) / (kernel @ exposure + prior / overall)
    return Baseline(np.asarray(-np.log1p(-np.minimum(rate, 0.99)), dtype=np.float64))


def multiplier_for_probability(
    probability: npt.ArrayLike,
    age: npt.ArrayLike,
    horizon: int,
    default: Baseline,
    prepayment: Baseline,
    prepayment_multiplier: npt.ArrayLike,
) -> Floats:
    """The m of each asset whose cumulative incidence of default over `horizon` months is its PD.

    Prepayment competes: an asset that prepaid can no longer default, exactly as the PD's label
    counts it (prepaid = no default). `age` is in whole months at the start, (n,).
    """
    return np.asarray(
        _solve(
            np.asarray(probability, dtype=np.float64),
            np.asarray(age, dtype=np.int64),
            horizon,
            default.cumulative,
            prepayment.cumulative,
            np.asarray(prepayment_multiplier, dtype=np.float64),
        )
    )


@numba.njit(cache=True)
def _incidence(m, age, horizon, c_default, c_prepay, m_prepay):  # type: ignore[no-untyped-def]
    alive, hit = 1.0, 0.0
    for t in range(1, horizon + 1):
        h_default = 1.0 - np.exp(-m * c_default[min(age + t, len(c_default) - 1)])
        h_prepay = 1.0 - np.exp(-m_prepay * c_prepay[min(age + t, len(c_prepay) - 1)])
        h_prepay = min(h_prepay, 1.0 - h_default)
        hit += alive * h_default
        alive *= 1.0 - h_default - h_prepay
    return hit


@numba.njit(cache=True)
def _solve(probability, age, horizon, c_default, c_prepay, m_prepay):  # type: ignore[no-untyped-def]
    answer = np.empty(len(probability))
    for i in range(len(probability)):
        low, high = -12.0, 12.0  # η: a bisection is slower than Newton and cannot run away
        for _ in range(_ITERATIONS):
            middle = 0.5 * (low + high)
            hit = _incidence(np.exp(middle), age[i], horizon, c_default, c_prepay, m_prepay[i])
            if hit < probability[i]:
                low = middle
            else:
                high = middle
        answer[i] = np.exp(0.5 * (low + high))
    return answer


def relative_risk(
    segment: npt.ArrayLike,
    events: npt.ArrayLike,
    expected: npt.ArrayLike,
    segments: int,
    *,
    credibility: float = 25.0,
) -> Floats:
    """Observed ÷ expected events by segment code, drawn to 1 by `credibility` expected events.

    Bühlmann–Straub shrinkage with a fixed weight; segments nobody is in answer 1. (segments,).
    """
    code = np.asarray(segment, dtype=np.int64)
    seen = np.bincount(code, weights=np.asarray(events, dtype=np.float64), minlength=segments)
    due = np.bincount(code, weights=np.asarray(expected, dtype=np.float64), minlength=segments)
    return np.asarray((seen + credibility) / (due + credibility), dtype=np.float64)
