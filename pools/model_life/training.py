"""Training a suite as of a day, from outcomes that were known by the end of that day."""

from __future__ import annotations

import hashlib
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from origination.domain.months import days_of, month_end
from pools.features.columns import CATEGORICAL, DIRECTIONS, PLACE
from pools.features.history import History
from pools.features.outcomes import months_at_risk, outcomes
from pools.features.paid_days import NEVER
from pools.features.snapshot import Snapshot, snapshot
from pools.model_life.policy import TrainingPlan, ValuationPolicy
from pools.model_life.suite import (
    LATE_STATES,
    SEGMENTS,
    NotEnoughHistory,
    Suite,
    describe_slices,
    one_thread,
    state_of,
)
from pools.model_life.vehicle_value import VehicleValues, fit_values
from pools.models_kit.hazards import Baseline, Timing, fit_baseline, fit_timing, relative_risk
from pools.models_kit.probability import CalibratedProbability, WithStraightLines, boosting
from pools.models_kit.reasons import reference_values
from pools.models_kit.recovery import RecoveryModel, fit_recovery
from pools.models_kit.scorecard import WoeScorecard
from pools.models_kit.words import BOOSTING

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Slice = tuple[Floats, Ints, date]
_STATES = len(LATE_STATES) + 1
_KEPT_ROWS = 20_000
_RESOLVED_DAYS = 270


def train_suite(
    history: History,
    prices: pl.DataFrame,
    *,
    as_of: date,
    family: str = BOOSTING,
    plan: TrainingPlan | None = None,
    policy: ValuationPolicy | None = None,
) -> Suite:
    """A suite that knows nothing after `as_of`, the last day of a month: slices and their label
    windows end with months, and a window that ended after `as_of` would look ahead. Raises
    NotEnoughHistory when slices are too thin, ValueError for another day.

    Deterministic: the same history, plan and policy give the same suite bit for bit.
    """
    if as_of != month_end(as_of):
        raise ValueError(f"{as_of} is not the last day of a month.")
    plan, policy = plan or TrainingPlan(), policy or ValuationPolicy()
    with one_thread():
        return _train(history, prices, as_of, family, plan, policy)


def _train(
    history: History,
    prices: pl.DataFrame,
    as_of: date,
    family: str,
    plan: TrainingPlan,
    policy: ValuationPolicy,
) -> Suite:
    training, calibration = default_slices(history, as_of, plan)
    x = np.vstack([part[0] for part in training])
    y = np.concatenate([part[1] for part in training])
    xc, yc, _ = calibration
    model = CalibratedProbability(base_of(family, plan.seed), floor=policy.probability_floor)
    model.fit(x, y).calibrate(xc, yc)
    vehicles = fit_values(history, prices, as_of, policy, plan.seed)
    default, prepay, relative = _hazards(history, as_of)
    book = snapshot(history, as_of)
    kept = np.random.default_rng(plan.seed).permutation(len(x))[:_KEPT_ROWS]
    return Suite(
        family=family,
        trained_as_of=as_of,
        horizon=plan.horizon,
        probability=model,
        turn_30=_turn_30(history, as_of, plan),
        default_baseline=default,
        default_timing=_timing(history, default, [p[2] for p in (*training, calibration)], plan),
        prepay_baseline=prepay,
        prepay_relative=relative,
        recovery=_recovery(history, vehicles, as_of, policy),
        vehicles=vehicles,
        reference=reference_values(x, y, CATEGORICAL),
        trained_x=x[kept],
        trained_probability=model.probability(x[kept]),
        book_probability=model.probability(book.x[book.performing]),
        data_hash=_data_hash(x, y, xc, yc),
        notes={
            "training": describe_slices([(d, len(o), int(o.sum())) for _, o, d in training]),
            "calibration": describe_slices([(calibration[2], len(yc), int(yc.sum()))]),
            "prices": vehicles.observations,
            "value_basis": vehicles.basis,
        },
    )


def base_of(family: str, seed: int) -> WithStraightLines:
    """The uncalibrated classifier of a family."""
    level, late = PLACE["conditions"], PLACE["days_past_due"]
    directions, categorical = (
        (*values[:level], *values[level + 1 :]) for values in (DIRECTIONS, CATEGORICAL)
    )
    base = (
        boosting(directions, categorical, seed)
        if family == BOOSTING
        else WoeScorecard(directions, categorical)
    )
    return WithStraightLines(base, level, late, LATE_STATES)


def default_slices(history: History, as_of: date, plan: TrainingPlan) -> tuple[list[Slice], Slice]:
    """Training slices (oldest label window first to end) and the calibration slice."""
    calibration = _slice(history, month_end(as_of, -plan.horizon), plan.horizon)
    training = []
    for number in range(plan.max_slices):
        day = month_end(as_of, -2 * plan.horizon - number * plan.slice_step)
        part = _slice(history, day, plan.horizon)
        if len(part[1]) < plan.min_rows:
            break
        training.append(part)
    for name, parts in (("training", training), ("calibration", [calibration])):
        events = sum(int(part[1].sum()) for part in parts)
        if events < 10:
            raise NotEnoughHistory(f"The {name} slices hold {events} defaults; 10 are needed.")
    return training, calibration


def _slice(history: History, day: date, horizon: int) -> Slice:
    start = snapshot(history, day)
    live = start.performing
    label = outcomes(history, start, month_end(day, horizon)).defaulted
    return start.x[live], label[live], day


def _turn_30(history: History, as_of: date, plan: TrainingPlan) -> CalibratedProbability | None:
    """Turning 30+ within the shadow window, at risk when nothing is past due at scoring."""
    months = plan.shadow_months
    xs, ys = [], []
    for back in range(2, 8):
        day = month_end(as_of, -back * months)
        x, y = turn_30_rows(history, snapshot(history, day), month_end(day, months))
        xs.append(x)
        ys.append(y)
    day = month_end(as_of, -months)
    xc, yc = turn_30_rows(history, snapshot(history, day), month_end(day, months))
    y = np.concatenate(ys)
    if y.sum() < 10 or yc.sum() < 5:
        return None
    model = CalibratedProbability(WoeScorecard(DIRECTIONS, CATEGORICAL), floor=0.0)
    return model.fit(np.vstack(xs), y).calibrate(xc, yc)


def turn_30_rows(history: History, start: Snapshot, end: date) -> tuple[Floats, Ints]:
    """Features and label of the assets with nothing past due at the start."""
    at_risk = start.performing & (start.days_past_due == 0)
    return start.x[at_risk], outcomes(history, start, end).turned_30[at_risk]


def _hazards(history: History, as_of: date) -> tuple[Baseline, Baseline, Floats]:
    at_risk, defaults, prepaid = months_at_risk(history, as_of)
    prepay = fit_baseline(at_risk, prepaid)
    final = snapshot(history, as_of)
    today = days_of(as_of)
    static = history.static
    ends = np.minimum(np.minimum(final.settled_day, final.default_day), static.matures)
    age = np.clip((np.minimum(ends, today) - static.originated) / 30.4375, 0, None)
    expected = np.interp(age, np.arange(len(at_risk)), prepay.cumulative.cumsum())
    energy = static.codes["energy"]
    known = np.isfinite(energy) & (static.originated <= today)
    relative = relative_risk(
        energy[known].astype(np.int64),
        (final.settled_day <= today)[known],
        expected[known],
        SEGMENTS,
    )
    return fit_baseline(at_risk, defaults), prepay, relative


def _timing(history: History, default: Baseline, days: list[date], plan: TrainingPlan) -> Timing:
    """When default came from each state of lateness, over the label windows of all slices."""
    at_risk, events, expected = np.zeros((3, _STATES, plan.horizon))
    for day in days:
        start = snapshot(history, day)
        live = start.performing
        seen = outcomes(history, start, month_end(day, plan.horizon))
        state, age = state_of(start.days_past_due[live]), start.months_on_book[live]
        fails, leaves = seen.default_day[live], seen.left_day[live]
        begin = days_of(day)
        for month in range(plan.horizon):
            end = days_of(month_end(day, month + 1))
            here = np.minimum(fails, leaves) > begin
            c = default.cumulative[np.minimum(age + month + 1, len(default.cumulative) - 1)]
            at_risk[:, month] += np.bincount(state[here], minlength=_STATES)
            expected[:, month] += np.bincount(state[here], c[here], minlength=_STATES)
            failed = here & (fails <= end)
            events[:, month] += np.bincount(state[failed], minlength=_STATES)
            begin = end
    return fit_timing(at_risk, events, expected)


def _recovery(
    history: History, vehicles: VehicleValues, as_of: date, policy: ValuationPolicy
) -> RecoveryModel:
    """Defaults old enough to be resolved: cash that came against the vehicle's value then."""
    final = snapshot(history, as_of)
    today = days_of(as_of)
    old = np.flatnonzero(final.default_day <= today - _RESOLVED_DAYS)
    value = vehicles.quantiles(history, old, final.default_day[old])[:, 1]
    first = final.paid.recovery_day[old]
    lag = np.where(first < NEVER, (first - final.default_day[old]) / 30.4375, np.nan)
    return fit_recovery(
        recovered=final.paid.recovered[old],
        vehicle_value=value,
        segment=np.nan_to_num(history.static.codes["energy"][old]).astype(np.int64),
        lag_months=lag,
        segments=SEGMENTS,
        prior_ratio=policy.prior_recovery_ratio,
    )


def _data_hash(*arrays: npt.NDArray[np.generic]) -> str:
    """SHA-256 over shapes and bytes of the training and calibration rows, little endian."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()
