"""The packing problem as a linear program.

Pure, float64 scaled so that the target is `SCALE`: the solver's absolute tolerance of 1e-6 is then
1e-8 of the pool, less than `SAFETY`. Variables: x in [0, 1] for each candidate, and T, the pool's
total, in [0, SCALE]. Maximise Σ value·x subject to

- Σ balance·x − T = 0: the total is what was chosen, so shares are of the real pool, not the target;
- Σ over a group balance·x − share·T ≤ 0 for each limited group;
- Σ balance·(field − bound)·x ≤ 0 (or ≥) for each limited mean.

Groups that can hardly reach their share are left out and added when a solution breaks them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Groups:
    """A limit on groups: `codes` int64[n] (−1: not limited) and the share that each may hold."""

    codes: Ints
    share: float


@dataclass(frozen=True, slots=True)
class Mean:
    """A limit on a balance-weighted mean: `values` float64[n] ≤ `bound` (≥ unless `at_most`)."""

    values: Floats
    bound: float
    at_most: bool


@dataclass(frozen=True, slots=True)
class Program:
    """Rows `matrix`·(x, T) between `low` and `high`, T ≤ `ceiling`; `value` is to be maximised."""

    value: Floats
    matrix: sparse.csc_array
    low: Floats
    high: Floats
    ceiling: float


#: The target in the program's unit.
SCALE = 1e2
#: Shares, means and the target are tightened by this part, so that the solver's tolerance breaks no
#: exact limit.
SAFETY = 2e-8


def build(
    weights: Floats,
    values: Floats,
    rows: Sequence[tuple[Ints, float]],
    means: Sequence[Mean],
    ceiling: float,
) -> Program:
    """The program of weights and values (in units of target ÷ SCALE) and the group rows so far.

    A group row is (indices of its members, share).
    """
    size = len(weights)
    everyone = np.arange(size)
    columns = [np.append(everyone, size)]
    entries = [np.append(weights, -1.0)]
    for members, share in rows:
        columns.append(np.append(members, size))
        entries.append(np.append(weights[members], -share * (1 - SAFETY)))
    for mean in means:
        sign = 1.0 if mean.at_most else -1.0
        columns.append(everyone)
        bound = mean.bound - sign * SAFETY * abs(mean.bound)
        entries.append(sign * weights * (mean.values - bound))
    lengths = [len(column) for column in columns]
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    matrix = sparse.csr_array(
        (np.concatenate(entries), np.concatenate(columns), indptr),
        shape=(len(columns), size + 1),
    )
    high = np.zeros(len(columns))
    low = np.full(len(columns), -np.inf)
    low[0] = 0.0
    return Program(np.append(values, 0.0), sparse.csc_array(matrix), low, high, ceiling)
