"""Monthly hazards: one multiplier an asset × one baseline by age × timing, on the cloglog scale.

log(−log(1 − h)) = η + α(age) + τ(state, t), so −log(1 − h) = m·c(age)·f(state, t) with m = e^η. One
score an asset and one baseline replace the person-month expansion (a million leases would be 60 M
rows). Prentice and Gloeckler (1978) is the source of the grouped proportional-hazards form.

The timing f says when default can come from the state that an asset was seen in: who owes nothing
today cannot be 91 days past due next month, who is 75 days behind can hardly be so in half a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Timing:
    """f by state and months since the state was seen, (states, months); the last column holds for
    every later month, column 0 is not used."""

    factor: Floats


#: Default comes as the age of the asset says, whatever its state.
EVEN: Final = Timing(np.ones((1, 2)))


def fit_timing(
    at_risk: npt.ArrayLike, events: npt.ArrayLike, expected: npt.ArrayLike, *, prior: float = 0.25
) -> Timing:
    """Timing from assets at risk, defaults, and Σ c(age) of those at risk: all (states, months).

    `prior` defaults at the state's own mean rate keep a month in which nobody was seen finite; it
    is small, because months without a single default are what a timing has to learn. A state that
    nobody was seen in is even; after the last month seen, so is every state.
    """
    n, d, due = (np.asarray(part, dtype=np.float64) for part in (at_risk, events, expected))
    rate = d.sum(axis=1, keepdims=True) / np.maximum(n.sum(axis=1, keepdims=True), 1)
    extra = np.where(rate > 0, prior / np.maximum(rate, 1e-12), 0.0)
    hazard = np.minimum((d + prior * (rate > 0)) / np.maximum(n + extra, 1), 0.95)
    usual = due.sum(axis=1, keepdims=True) / np.maximum(n.sum(axis=1, keepdims=True), 1)
    usual = np.where(n > 0, due / np.maximum(n, 1), usual)
    seen = (rate > 0) & (usual > 0)
    factor = np.where(seen, -np.log1p(-hazard) / np.where(usual > 0, usual, 1.0), 1.0)
    edge = np.ones((len(factor), 1))
    return Timing(np.hstack([edge, factor, edge]))


def multiplier_for_probability(
    probability: npt.ArrayLike,
    age: npt.ArrayLike,
    horizon: int,
    default: Baseline,
    prepayment: Baseline,
    prepayment_multiplier: npt.ArrayLike,
    timing: Timing = EVEN,
    state: npt.ArrayLike = 0,
) -> Floats:
    """The m of each asset whose cumulative incidence of default over `horizon` months is its PD.

    Prepayment competes: an asset that prepaid can no longer default, exactly as the PD's label
    counts it (prepaid = no default). `age` is in whole months at the start, `state` a row of the
    timing, (n,).
    """
    return np.asarray(
        _solve(
            np.asarray(probability, dtype=np.float64),
            np.asarray(age, dtype=np.int64),
            horizon,
            default.cumulative,
            prepayment.cumulative,
            np.asarray(prepayment_multiplier, dtype=np.float64),
            timing.factor,
            np.broadcast_to(np.asarray(state, dtype=np.int64), np.shape(age)),
        )
    )


def incidence(
    multiplier: npt.ArrayLike,
    age: npt.ArrayLike,
    months: int,
    default: Baseline,
    prepayment: Baseline,
    prepayment_multiplier: npt.ArrayLike,
    timing: Timing = EVEN,
    state: npt.ArrayLike = 0,
) -> Floats:
    """Cumulative incidence of default of each asset over `months` months, (n,)."""
    return np.asarray(
        _incidences(
            np.asarray(multiplier, dtype=np.float64),
            np.asarray(age, dtype=np.int64),
            months,
            default.cumulative,
            prepayment.cumulative,
            np.asarray(prepayment_multiplier, dtype=np.float64),
            timing.factor,
            np.broadcast_to(np.asarray(state, dtype=np.int64), np.shape(age)),
        )
    )


@numba.njit(cache=True)
def _incidence(  # type: ignore[no-untyped-def]
    m, age, horizon, c_default, c_prepay, m_prepay, factor
):
    alive, hit = 1.0, 0.0
    for t in range(1, horizon + 1):
        c = c_default[min(age + t, len(c_default) - 1)] * factor[min(t, len(factor) - 1)]
        h_default = 1.0 - np.exp(-m * c)
        h_prepay = 1.0 - np.exp(-m_prepay * c_prepay[min(age + t, len(c_prepay) - 1)])
        h_prepay = min(h_prepay, 1.0 - h_default)
        hit += alive * h_default
        alive *= 1.0 - h_default - h_prepay
    return hit


@numba.njit(cache=True)
def _incidences(  # type: ignore[no-untyped-def]
    m, age, horizon, c_default, c_prepay, m_prepay, factor, state
):
    answer = np.empty(len(m))
    for i in range(len(m)):
        row = factor[state[i]]
        answer[i] = _incidence(m[i], age[i], horizon, c_default, c_prepay, m_prepay[i], row)
    return answer


@numba.njit(cache=True)
def _solve(  # type: ignore[no-untyped-def]
    probability, age, horizon, c_default, c_prepay, m_prepay, factor, state
):
    answer = np.empty(len(probability))
    for i in range(len(probability)):
        row = factor[state[i]]
        low, high = -12.0, 12.0  # η: a bisection is slower than Newton and cannot run away
        for _ in range(_ITERATIONS):
            middle = 0.5 * (low + high)
            m = np.exp(middle)
            hit = _incidence(m, age[i], horizon, c_default, c_prepay, m_prepay[i], row)
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
