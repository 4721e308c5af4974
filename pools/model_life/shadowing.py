"""The β test's two halves: a forecast written before its outcomes, and its judgement after them.

The forecast is data (one line of text an asset, under one Merkle root) and never computed again:
what is judged is what was written down.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from ledger.core.hashing import leaf_hashes, root_of_hashes
from pools.features.history import History
from pools.features.outcomes import outcomes
from pools.features.snapshot import snapshot
from pools.model_life.policy import Gates
from pools.model_life.scoring import score
from pools.model_life.suite import Suite, one_thread
from pools.models_kit.beta import BetaReport, beta_report
from pools.models_kit.hazards import incidence

Floats = npt.NDArray[np.float64]


class ForecastUnreadable(ValueError):
    """A stored forecast is not what was written."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a model says of every performing asset for a shadow run; arrays are (n,) by asset.

    `probability` is its PD for the horizon, `expected_default` that of defaulting within the run,
    `expected_30` that of turning 30+ past due within it: NaN for assets past due when scored.
    """

    rids: tuple[str, ...]
    probability: Floats
    expected_default: Floats
    expected_30: Floats

    def lines(self) -> list[bytes]:
        """The leaves under `root`: record id and the three figures at nine decimals, `|` between;
        the last is empty for an asset not at risk of turning."""
        return [
            f"{rid}|{p:.9f}|{d:.9f}|{'' if np.isnan(t) else f'{t:.9f}'}".encode()
            for rid, p, d, t in zip(
                self.rids, self.probability, self.expected_default, self.expected_30, strict=True
            )
        ]

    def packed(self) -> bytes:
        """The lines, gzip-compressed; the same forecast packs to the same bytes."""
        return gzip.compress(b"\n".join(self.lines()), compresslevel=6, mtime=0)

    def root(self) -> str:
        """RFC 6962 root over the lines, hex."""
        return root_of(self.lines())


def root_of(lines: Sequence[bytes]) -> str:
    """RFC 6962 root over lines of text, hex."""
    return root_of_hashes(leaf_hashes(lines)).hex()


def unpack(packed: bytes, root: str) -> Forecast:
    """The forecast that was packed. Raises ForecastUnreadable where its root is another."""
    try:
        text = gzip.decompress(packed)
    except (OSError, EOFError) as error:
        raise ForecastUnreadable("The stored forecast is no gzip file.") from error
    lines = text.split(b"\n") if text else []
    if root_of(lines) != root:
        raise ForecastUnreadable("The stored forecast differs from the one on the ledger.")
    rows = [line.decode().split("|") for line in lines]
    figures = np.array([[float(cell or "nan") for cell in row[1:]] for row in rows]).reshape(-1, 3)
    return Forecast(tuple(row[0] for row in rows), *figures.T)


def forecast(suite: Suite, history: History, start_day: date, months: int) -> Forecast:
    """What the suite says at the end of `start_day` of the `months` after it.

    Expected defaults are sums of monthly hazards (prepayment competing), timed by the days past
    due at the start; expected 30+ is the early-warning probability where nothing is past due.
    """
    start = snapshot(history, start_day)
    with one_thread():
        scored = score(suite, history, start)
    live = start.performing[scored.rows]
    rows = scored.rows[live]
    expected = incidence(
        scored.default_multiplier,
        scored.age,
        months,
        suite.default_baseline,
        suite.prepay_baseline,
        scored.prepay_multiplier,
        suite.default_timing,
        scored.state,
    )[live]
    at_risk = start.days_past_due[rows] == 0
    expected_30 = np.full(len(rows), np.nan)
    if suite.turn_30 is not None:
        expected_30[at_risk] = suite.turn_30.probability(start.x[rows[at_risk]])
    rids = history.leases["rid"].gather(rows).to_list()
    return Forecast(tuple(rids), scored.probability[live], expected, expected_30)


def judge(
    written: Forecast,
    suite: Suite,
    history: History,
    *,
    start_day: date,
    end_day: date,
    months: int,
    simulated_time: bool,
    gates: Gates | None = None,
) -> BetaReport:
    """A written forecast against what happened after `start_day`, up to the end of `end_day`.

    Drift is judged against the book of the training day: from the training slices to that book it
    was the α test's to judge; the drift since the slices stands beside it. Raises
    ForecastUnreadable where an asset of the forecast is not in the history.
    """
    place = {rid: number for number, rid in enumerate(history.leases["rid"])}
    try:
        rows = np.array([place[rid] for rid in written.rids], dtype=np.int64)
    except KeyError as error:
        raise ForecastUnreadable(f"The history has no asset {error.args[0]}.") from error
    seen = outcomes(history, snapshot(history, start_day), end_day)
    return beta_report(
        defaulted=seen.defaulted[rows],
        expected_default=written.expected_default,
        turned_30=seen.turned_30[rows],
        expected_30=written.expected_30,
        probability=written.probability,
        probability_before=suite.book_probability,
        probability_trained=suite.trained_probability,
        months=months,
        simulated_time=simulated_time,
        thresholds=(gates or Gates()).beta,
    )
