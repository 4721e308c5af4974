"""The α test of a suite, on time that it has not seen."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from origination.domain.months import month_end
from pools.features.columns import ENERGY, NAMES, PLACE
from pools.features.history import History
from pools.features.outcomes import outcomes
from pools.features.snapshot import snapshot
from pools.model_life.policy import Gates
from pools.model_life.suite import Suite, one_thread
from pools.model_life.vehicle_value import observed
from pools.models_kit.alpha import alpha_report, rounded_mapping
from pools.models_kit.words import FAIL, PASS
from pools.valuation.curve import Floats


def alpha(
    suite: Suite,
    history: History,
    prices: pl.DataFrame,
    *,
    known_until: date,
    gates: Gates | None = None,
    champion: Suite | None = None,
    draws: int = 200,
    seed: int = 0,
) -> dict[str, Any]:
    """Back-test on the assets alive at the training date over the horizon that follows.

    Raises ValueError while the horizon has not been observed in full. JSON-ready: the PD's report
    under `probability`, vehicle values under `values`, the sample figure under `sample`.
    """
    gates = gates or Gates()
    end_day = month_end(suite.trained_as_of, suite.horizon)
    if end_day > known_until:
        raise ValueError(f"The α window ends on {end_day}; history is known until {known_until}.")
    with one_thread():
        return _alpha(suite, history, prices, gates, champion, draws, seed)


def _alpha(
    suite: Suite,
    history: History,
    prices: pl.DataFrame,
    gates: Gates,
    champion: Suite | None,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    start_day = suite.trained_as_of
    end_day = month_end(start_day, suite.horizon)
    start = snapshot(history, start_day)
    live = start.performing
    y = outcomes(history, start, end_day).defaulted[live]
    x = start.x[live]
    p = suite.probability.probability(x)
    report = alpha_report(
        outcome=y,
        probability=p,
        baseline=x[:, PLACE["days_past_due"]],
        groups=history.static.obligor[live],
        features=x,
        features_trained=suite.trained_x,
        feature_names=NAMES,
        probability_trained=suite.trained_probability,
        segment=_energy_of(history, live),
        thresholds=gates.alpha,
        draws=draws,
        seed=seed,
    )
    values = value_coverage(suite, history, prices, start_day, end_day, gates)
    passed = report.verdict == PASS and values["verdict"] in (PASS, "policy")
    return {
        "window": [start_day.isoformat(), end_day.isoformat()],
        "probability": report.as_dict(),
        "values": values,
        "champion_auc": _champion_auc(champion, x, y),
        "sample": sample_figure(y, p, seed),
        "verdict": PASS if passed else report.verdict if report.verdict != PASS else FAIL,
    }


def _champion_auc(champion: Suite | None, x: Floats, y: npt.NDArray[np.int64]) -> float | None:
    from pools.models_kit.metrics import roc_auc

    if champion is None:
        return None
    return round(float(roc_auc(y, champion.probability.probability(x))), 6)


def _energy_of(history: History, live: npt.NDArray[np.bool_]) -> list[str]:
    codes = history.static.codes["energy"][live]
    return [ENERGY[int(code)] if np.isfinite(code) else "unknown" for code in codes]


def value_coverage(
    suite: Suite, history: History, prices: pl.DataFrame, start: date, end: date, gates: Gates
) -> dict[str, Any]:
    """Share of later prices inside P10–P90 and the median error of P50, over all and by energy."""
    if suite.vehicles.model is None:
        return {"verdict": "policy", "count": 0, "segments": []}
    rows, x, y, _ = observed(history, prices, end, since=start)
    bands = suite.vehicles.model.quantiles(x)
    inside = (y >= bands[:, 0]) & (y <= bands[:, 2])
    error = np.abs(y / bands[:, 1] - 1)
    energy = history.static.codes["energy"][rows]
    segments = [
        {
            "segment": name,
            "count": int((energy == code).sum()),
            "coverage": float(inside[energy == code].mean()),
            "median_error": float(np.median(error[energy == code])),
        }
        for code, name in enumerate(ENERGY)
        if (energy == code).any()
    ]
    coverage = float(inside.mean()) if len(y) else float("nan")
    good = gates.min_value_coverage <= coverage <= gates.max_value_coverage
    return rounded_mapping(
        {
            "verdict": PASS if good else FAIL,
            "count": len(y),
            "coverage": coverage,
            "median_error": float(np.median(error)) if len(y) else float("nan"),
            "threshold": f"{gates.min_value_coverage} – {gates.max_value_coverage}",
            "segments": segments,
        }
    )


def sample_figure(
    y: npt.NDArray[np.int64], p: Floats, seed: int, size: int = 100, draws: int = 2000
) -> dict[str, Any]:
    """What a sample of `size` files finds of the assets that went bad, against looking at all.

    Hypergeometric draws without replacement; full coverage means reading the riskiest tenth of
    every asset scored.
    """
    generator = np.random.default_rng(seed)
    bad, total = int(y.sum()), len(y)
    found = generator.hypergeometric(bad, total - bad, min(size, total), draws)
    top = np.argsort(-p, kind="stable")[: max(1, total // 10)]
    return rounded_mapping(
        {
            "size": size,
            "assets": total,
            "bad": bad,
            "mean_found": float(found.mean()),
            "share_finding_none": float((found == 0).mean()),
            "top_tenth": len(top),
            "top_tenth_found": int(y[top].sum()),
        }
    )
