"""How balances move between buckets: roll rates and transition matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tenants.problems import Invalid

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_TOLERANCE = 1e-9


class InvalidTransitionMatrix(Invalid):
    """A matrix that no population can follow."""

    code = "invalid_transition_matrix"
    title = "This is no transition matrix."
    mend = "Give a square matrix of probabilities from 0 to 1 whose rows each sum to 1."


def roll_rates(balances: npt.NDArray[np.integer]) -> Floats:
    """Roll rate b → b+1 of each period: balance(b+1, t) ÷ balance(b, t−1).

    Args:
        balances: periods × buckets, minor units.

    Returns:
        (periods − 1) × (buckets − 1); NaN where the earlier balance is zero.
    """
    earlier = balances[:-1, :-1].astype(np.float64)
    later = balances[1:, 1:].astype(np.float64)
    rates = np.full(earlier.shape, np.nan)
    np.divide(later, earlier, out=rates, where=earlier > 0)
    return rates


@dataclass(frozen=True)
class TransitionMatrix:
    """Probabilities of moving from state i (row) to state j (column) in one period.

    Raises:
        InvalidTransitionMatrix: on construction, naming the first wrong row.
    """

    probabilities: Floats

    def __post_init__(self) -> None:
        p = self.probabilities
        if p.ndim != 2 or p.shape[0] != p.shape[1] or not p.size:
            raise InvalidTransitionMatrix(detail=f"Its shape is {p.shape}.")
        for number, row in enumerate(p):
            if (
                not np.isfinite(row).all()
                or (row < -_TOLERANCE).any()
                or (row > 1 + _TOLERANCE).any()
            ):
                raise InvalidTransitionMatrix(
                    detail=f"Row {number + 1} holds something other than a probability: {row}."
                )
            if abs(row.sum() - 1) > _TOLERANCE:
                raise InvalidTransitionMatrix(detail=f"Row {number + 1} sums to {row.sum():.10g}.")

    def after(self, periods: int) -> Floats:
        """The n-step matrix Pⁿ (Chapman–Kolmogorov); the identity for n = 0."""
        if periods < 0:
            raise ValueError(f"periods must be at least 0, not {periods}")
        return np.linalg.matrix_power(self.probabilities, periods)


def estimate_transitions(
    earlier: npt.NDArray[np.integer],
    later: npt.NDArray[np.integer],
    *,
    states: int,
    weights: npt.NDArray[np.integer] | None = None,
) -> tuple[TransitionMatrix, Ints]:
    """Cohort estimator: Σ moves i → j ÷ Σ at risk in i (by number, or weighted by balance).

    Args:
        earlier, later: state of each observation at both ends of its period, 0 … states − 1;
            observations of several periods may stand one after another.
        weights: balance of each observation (minor units).

    Returns:
        The matrix and the amount at risk in each state. A state in which nobody was keeps its
        population (row of the identity): nothing was seen to leave it.
    """
    moves = np.zeros(states * states, np.int64)
    flat = earlier.astype(np.int64) * states + later
    np.add.at(moves, flat, 1 if weights is None else weights.astype(np.int64))
    table = moves.reshape(states, states)
    at_risk = table.sum(axis=1)
    probabilities = np.eye(states)
    seen = at_risk > 0
    probabilities[seen] = table[seen] / at_risk[seen, None]
    return TransitionMatrix(probabilities), at_risk
