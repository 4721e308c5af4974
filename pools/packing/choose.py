"""Pack a pool: a linear program over all candidates, then a small integer one near its edge.

Pure. The linear program's basic solution leaves at most as many assets in part as it has rows; only
those and their nearest rivals by reduced cost are decided by the integer program, everything else
is taken or left as the linear program says. The linear optimum is an upper bound, so the result
carries its proven gap. No time limits: the same input gives the same pool on the same solver.
Limits on the largest n groups together are met by tightening the single share when they would
break (`share / n`), which is safe and may give up a little value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from pools.packing.program import SAFETY, SCALE, Floats, Groups, Ints, Mean, Program, build
from tenants.problems import Refused

#: Assets that the integer program decides, and its search limit.
EDGE = 300
_NODES = 100
#: The integer search stops within this part of the whole pool's bound.
_CLOSE_ENOUGH = 1e-4
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Packing:
    """What was chosen (bool[n]), its balance and value, and the bound no pool can exceed."""

    chosen: NDArray[np.bool_]
    balance_minor: int
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """Value given up at most, as a share of the bound."""
        return max(0.0, 1.0 - self.value / self.bound) if self.bound > 0 else 0.0


def pack(
    *,
    balance_minor: Ints,
    value: Floats,
    target_minor: int,
    groups: Sequence[Groups] = (),
    means: Sequence[Mean] = (),
) -> Packing:
    """The most `value` within `target_minor` and every limit.

    `balance_minor` int64[n] above zero, `value` float64[n] in the same unit of money. Raises
    `Refused` when the limits leave nothing to choose.
    """
    unit = target_minor / SCALE
    weights, values = balance_minor / unit, value / unit
    usable = (weights > 0) & (weights <= SCALE) & (values > 0)
    index = np.flatnonzero(usable)
    if not len(index):
        raise _nothing()
    w, v = weights[index], values[index]
    # Balances are whole: half a unit above the target lets a pool reach it exactly.
    ceiling = SCALE * (1 - SAFETY) + min(0.5 / unit, SCALE * SAFETY)
    gs = [Groups(group.codes[index], group.share) for group in groups]
    ms = [Mean(mean.values[index], mean.bound, mean.at_most) for mean in means]
    chosen, bound = _solve(w, v, gs, ms, ceiling)
    chosen = _repair(chosen, balance_minor[index], v, gs, ms, target_minor)
    if not chosen.any():
        raise _nothing()
    picked = np.zeros(len(balance_minor), dtype=bool)
    picked[index[chosen]] = True
    return Packing(
        picked,
        int(balance_minor[picked].sum()),
        float(value[picked].sum()),
        bound * unit,
    )


def _nothing() -> Refused:
    return Refused(
        code="nothing_to_pack",
        detail="No set of the eligible assets satisfies every limit.",
        mend="Loosen a limit, lower the target, or wait for more eligible assets.",
    )


@dataclass(frozen=True, slots=True)
class _Solution:
    x: Floats
    reduced: Floats


def _bounds(size: int, ceiling: float) -> Floats:
    """Each asset between 0 and 1, the total between 0 and its ceiling."""
    bounds = np.tile([0.0, 1.0], (size, 1))
    bounds[-1, 1] = ceiling
    return bounds


def _linear(program: Program) -> _Solution:
    equal = program.low == 0.0
    result = linprog(
        -program.value,
        A_ub=program.matrix[~equal] if (~equal).any() else None,
        b_ub=program.high[~equal] if (~equal).any() else None,
        A_eq=program.matrix[equal],
        b_eq=program.high[equal],
        bounds=_bounds(len(program.value), program.ceiling),
        method="highs",
    )
    if result.status != 0:
        raise _nothing()
    reduced = result.lower.marginals + result.upper.marginals
    return _Solution(result.x, reduced)


def _members(group: Groups, weights: Floats, above: float) -> dict[int, Ints]:
    """Members of the groups whose candidates together weigh more than `above`."""
    limited = np.flatnonzero(group.codes >= 0)
    if not len(limited):
        return {}
    codes = group.codes[limited]
    totals = np.bincount(codes, weights[limited])
    heavy = np.flatnonzero(totals > above)
    kept = limited[np.isin(codes, heavy)]
    kept = kept[np.argsort(group.codes[kept], kind="stable")]
    cuts = np.flatnonzero(np.diff(group.codes[kept])) + 1
    parts = np.split(kept, cuts) if len(kept) else []
    return {int(group.codes[part[0]]): part for part in parts}


def _solve(
    w: Floats, v: Floats, groups: Sequence[Groups], means: Sequence[Mean], ceiling: float
) -> tuple[NDArray[np.bool_], float]:
    """Chosen assets and the linear bound; group rows join when a solution breaks their limit."""
    rows: dict[tuple[int, int], Ints] = {}
    for k, group in enumerate(groups):
        # The heaviest candidates bind for certain; the others are looked at after each solution.
        for code, members in _members(group, w, SCALE * max(group.share, 2e-3)).items():
            rows[k, code] = members
    for _ in range(_ROUNDS):
        listed = [(members, groups[k].share) for (k, _), members in rows.items()]
        program = build(w, v, listed, means, ceiling)
        solution = _linear(program)
        bound = float(program.value @ solution.x)
        broken = _broken(solution.x[:-1], w, groups, rows)
        if not broken:
            chosen = _decide_edge(program, solution)
            broken = _broken(chosen.astype(float), w, groups, rows)
            if not broken:
                return chosen, bound
        rows |= broken
    return _decide_edge(program, solution), bound


def _broken(
    x: Floats, w: Floats, groups: Sequence[Groups], rows: dict[tuple[int, int], Ints]
) -> dict[tuple[int, int], Ints]:
    found: dict[tuple[int, int], Ints] = {}
    held = w * x
    for k, group in enumerate(groups):
        for code, members in _members(group, held, group.share * float(held.sum()) + 1e-6).items():
            if (k, code) not in rows:
                found[k, code] = members
    return found


def _without_total(program: Program) -> tuple[sparse.csr_array, Floats]:
    """The rows with T replaced by what it stands for, dense as they become; row 0 is T itself."""
    rows = sparse.csr_array(program.matrix)
    weights = rows[[0], :-1]
    shares = sparse.csr_array(rows[1:, [-1]])
    limits = rows[1:, :-1] + shares @ weights
    high = np.append(program.ceiling, program.high[1:])
    return sparse.csr_array(sparse.vstack([weights, limits])), high


def _decide_edge(program: Program, solution: _Solution) -> NDArray[np.bool_]:
    """Whole assets: the integer program over what is undecided, the rest as the linear one says."""
    x = solution.x[:-1]
    partial = (x > 1e-7) & (x < 1 - 1e-7)
    closeness = np.where(partial, -1.0, np.abs(solution.reduced[:-1]))
    edge = np.sort(np.argsort(closeness, kind="stable")[: max(EDGE, int(partial.sum()))])
    fixed = x > 0.5
    fixed[edge] = False
    matrix, high = _without_total(program)
    undecided = float(program.value[edge] @ x[edge])
    gap = _CLOSE_ENOUGH * float(program.value[:-1] @ x) / max(undecided, 1e-9)
    result = milp(
        -program.value[edge],
        constraints=LinearConstraint(
            matrix[:, edge].toarray(), -np.inf, high - matrix @ fixed.astype(float)
        ),
        integrality=np.ones(len(edge)),
        bounds=Bounds(0.0, 1.0),
        options={"node_limit": _NODES, "mip_rel_gap": gap if len(x) > EDGE else 0.0},
    )
    chosen = fixed.copy()
    if result.x is not None:
        chosen[edge] = result.x > 0.5
    else:  # no whole solution near the edge: what is certain stays, `_repair` makes it hold
        chosen[edge] = x[edge] > 1 - 1e-7
    return chosen


def _repair(
    chosen: NDArray[np.bool_],
    balance: Ints,
    values: Floats,
    groups: Sequence[Groups],
    means: Sequence[Mean],
    target: int,
) -> NDArray[np.bool_]:
    """Drop the least valuable asset of whatever limit does not hold exactly, until all hold.

    A guard: the program's margins make it rare.
    """
    chosen = chosen.copy()
    while chosen.any():
        offenders = _offenders(chosen, balance, groups, means, target)
        if offenders is None:
            break
        chosen[offenders[np.argmin(values[offenders])]] = False
    return chosen


def _offenders(
    chosen: NDArray[np.bool_],
    balance: Ints,
    groups: Sequence[Groups],
    means: Sequence[Mean],
    target: int,
) -> Ints | None:
    total = int(balance[chosen].sum())
    if total > target:
        return np.flatnonzero(chosen)
    for group in groups:
        inside = chosen & (group.codes >= 0)
        if not inside.any():
            continue
        held = np.zeros(int(group.codes.max()) + 1, dtype=np.int64)
        np.add.at(held, group.codes[inside], balance[inside])
        worst = int(held.argmax())
        if held[worst] > group.share * total:
            return np.flatnonzero(inside & (group.codes == worst))
    for mean in means:
        sign = 1.0 if mean.at_most else -1.0
        over = sign * (mean.values - mean.bound)
        if float(np.dot(balance[chosen], over[chosen])) > 1e-6 * total:
            worst_side = chosen & (over > 0)
            return np.flatnonzero(worst_side)
    return None
