"""Every asset's figures as of a day, from one suite: columns in, columns out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from origination.domain.months import days_of
from pools.features.columns import NAMES
from pools.features.history import History
from pools.features.snapshot import Snapshot, snapshot
from pools.model_life.policy import ValuationPolicy
from pools.model_life.suite import Suite, one_thread, state_of
from pools.models_kit.hazards import multiplier_for_probability
from pools.models_kit.reasons import contributions, top_reasons
from pools.valuation.cash_flows import remaining_flows
from pools.valuation.net_value import (
    Hazards,
    Recoveries,
    defaulted_value,
    net_value,
    receivable_value,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_CHUNK = 8_192  # assets at a time: four (chunk, months) matrices stay near 30 MB
_MONTHS = 121


@dataclass(frozen=True, slots=True)
class Scored:
    """Probabilities and hazards of the assets at `rows` (positions in the history)."""

    rows: Ints
    probability: Floats
    default_multiplier: Floats
    prepay_multiplier: Floats
    age: Ints
    state: Ints


def score(suite: Suite, history: History, at: Snapshot) -> Scored:
    """12-month PD and hazard multipliers of every open asset; 1 for those in default."""
    rows = np.flatnonzero(at.open)
    probability = suite.probability.probability(at.x[rows])
    energy = history.static.codes["energy"][rows]
    prepay = suite.prepay_multiplier(energy)
    age, state = at.months_on_book[rows], state_of(at.days_past_due[rows])
    multiplier = multiplier_for_probability(
        probability,
        age,
        suite.horizon,
        suite.default_baseline,
        suite.prepay_baseline,
        prepay,
        suite.default_timing,
        state,
    )
    defaulted = at.defaulted[rows]
    return Scored(rows, np.where(defaulted, 1.0, probability), multiplier, prepay, age, state)


def screen(
    suite: Suite, history: History, day: date, policy: ValuationPolicy
) -> tuple[pl.DataFrame, Snapshot]:
    """One row an open asset: `lease` (position) and every figure, float64 minor units."""
    at = snapshot(history, day)
    with one_thread():
        scored = score(suite, history, at)
        unpaid = unpaid_and_part(history, at)
        parts = [
            _value_chunk(suite, history, at, scored, slice(start, start + _CHUNK), policy, unpaid)
            for start in range(0, max(len(scored.rows), 1), _CHUNK)
        ]
        values = pl.concat(parts)
        reasons = explain(suite, at, scored, values)
    return values.with_columns(pl.Series("reasons", reasons, dtype=pl.String)), at


def _value_chunk(
    suite: Suite,
    history: History,
    at: Snapshot,
    scored: Scored,
    part: slice,
    policy: ValuationPolicy,
    owed: tuple[npt.NDArray[np.bool_], Floats],
) -> pl.DataFrame:
    rows, today = scored.rows[part], days_of(at.day)
    unpaid, part_paid = owed
    flows = remaining_flows(
        history.receivables,
        unpaid=unpaid,
        part_paid=part_paid,
        rows=rows,
        today=today,
        months=_MONTHS,
    )
    bands = suite.vehicles.quantiles(history, rows, today)
    energy = history.static.codes["energy"][rows]
    recoveries = Recoveries(
        vehicle_value=bands[:, 1],
        monthly_decline=suite.vehicles.monthly_decline(history, rows, today, bands[:, 1]),
        ratio=suite.recovery.ratio_of(np.nan_to_num(energy, nan=-1)),
        lag=suite.recovery.lag_months,
    )
    hazards = Hazards(
        scored.age[part],
        scored.default_multiplier[part],
        suite.default_baseline.cumulative,
        scored.prepay_multiplier[part],
        suite.prepay_baseline.cumulative,
        suite.default_timing.factor,
        scored.state[part],
    )
    discount = policy.curve.factors(policy.spread, _MONTHS + recoveries.lag + 1)
    alive = net_value(
        flows,
        hazards,
        recoveries,
        discount=discount,
        settlement_penalty=policy.settlement_penalty,
        servicing_rate=policy.servicing_rate,
    )
    principal = flows.balance[:, 0] + flows.option_principal
    bad = at.defaulted[rows]
    recovered = at.paid.recovered[rows].astype(np.float64)
    dead = defaulted_value(principal, recoveries, discount=discount, already_recovered=recovered)
    market = policy.curve.factors(policy.market_spread, _MONTHS)
    net = np.where(bad, dead, np.maximum(alive.capped, 0.0))
    return pl.DataFrame(
        {
            "lease": rows,
            "rents": flows.rent.sum(axis=1) + flows.option.sum(axis=1),
            "principal": principal,
            "arrears": at.arrears[rows],
            "vehicle_p10": bands[:, 0],
            "vehicle_p50": bands[:, 1],
            "vehicle_p90": bands[:, 2],
            "receivable": receivable_value(flows, market),
            "net": net,
            "net_uncapped": np.where(bad, dead, alive.uncapped),
            "expected_loss": np.where(bad, np.maximum(principal - dead, 0), alive.expected_loss),
            "discount_rate": net / np.maximum(principal, 1.0),
            "probability": scored.probability[part],
            "days_past_due": at.days_past_due[rows],
            "defaulted": bad,
            "months_on_book": at.months_on_book[rows],
            "months_left": _months_left(flows.rent + flows.option),
        }
    )


def _months_left(flows: Floats) -> Ints:
    """The last month in which anything is due."""
    return np.asarray(flows.shape[1] - 1 - np.argmax(flows[:, ::-1] > 0, axis=1), dtype=np.int64)


def unpaid_and_part(history: History, at: Snapshot) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Receivables not fully paid, and what was paid of each lease's oldest one (money − whole)."""
    rows = history.receivables
    today = days_of(at.day)
    unpaid = at.paid.paid > today
    covered = np.where(unpaid, 0, rows.amount)
    running = np.concatenate([[0], np.cumsum(covered)])
    whole = running[rows.offsets[1:]] - running[rows.offsets[:-1]]
    return unpaid, np.maximum(at.paid.money - whole, 0).astype(np.float64)


def explain(suite: Suite, at: Snapshot, scored: Scored, values: pl.DataFrame) -> list[str]:
    """Comma-joined reason codes of each asset: state first, then what moves its probability."""
    x = at.x[scored.rows]
    parts = contributions(suite.probability.decision_function, x, suite.reference)
    own = top_reasons(parts, NAMES)
    bad = values["defaulted"].to_numpy()
    under = (values["principal"] > values["vehicle_p50"]).to_numpy()
    return [
        ",".join(
            (["in_default"] if is_bad else []) + (["above_vehicle_value"] if above else []) + names
        )
        for is_bad, above, names in zip(bad, under, own, strict=True)
    ]
