"""A signal planted in the future only lifts a model that looks ahead. Ours finds nothing."""

from datetime import date

import numpy as np
import polars as pl

from origination.domain.months import date_of, days_of
from pools.features.history import History
from pools.features.outcomes import outcomes
from pools.features.snapshot import snapshot
from pools.models_kit.metrics import roc_auc
from tests.pools.features.portfolios import frames, history


def test_a_future_only_signal_gives_no_lift():
    """Leases that will default each get a bounced payment, effective before the snapshot but known
    only after it. Features as of the snapshot stay bit for bit the same, so no score can move."""
    leases, events = frames()
    day = date(2024, 6, 30)
    start = snapshot(history(), day)
    doomed = np.flatnonzero(
        start.performing & (outcomes(history(), start, date(2026, 6, 30)).defaulted == 1)
    )
    assert len(doomed) >= 5
    planted = pl.DataFrame(
        {
            "lease": np.repeat(doomed, 2),
            "kind": ["rent", "reversal"] * len(doomed),
            "amount_minor": [100] * (2 * len(doomed)),
            "effective_on": [date_of(days_of(day) - 5)] * (2 * len(doomed)),
            "known_at": [pl.Series([events["known_at"].max()])[0]] * (2 * len(doomed)),
            "reference": [f"P{i}" for i in range(2 * len(doomed))],
            "reverses": [None if i % 2 == 0 else f"P{i - 1}" for i in range(2 * len(doomed))],
        },
        schema=events.schema,
    )
    with_signal = History(leases, pl.concat([events, planted]))
    seen = snapshot(with_signal, day)
    assert np.array_equal(seen.x, start.x, equal_nan=True)
    assert np.array_equal(seen.paid.bounced, start.paid.bounced)

    leak = (
        snapshot(with_signal, date(2026, 6, 30)).paid.bounced
        - snapshot(history(), date(2026, 6, 30)).paid.bounced
    )
    live = start.performing
    label = np.isin(np.flatnonzero(live), doomed).astype(float)
    assert roc_auc(label, leak[live]) == 1.0  # one who looks ahead would rank perfectly
    assert roc_auc(label, (seen.paid.bounced - start.paid.bounced)[live]) == 0.5
