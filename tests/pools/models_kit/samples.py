"""A portfolio of known truth for the estimators: the probability of every row is ours."""

import numpy as np

NAMES = ["ltv", "score", "late", "energy", "noise"]
MONOTONE = [1, -1, 1, 0, 0]
CATEGORICAL = [False, False, False, True, False]


def sample(n: int, seed: int, shift: float = 0.0):
    """X (n, 5), outcome, true probability. `shift` moves everybody's log-odds."""
    rng = np.random.default_rng(seed)
    ltv = rng.uniform(0.4, 1.1, n)
    score = rng.normal(650, 60, n)
    late = rng.poisson(0.4, n).astype(float)
    energy = rng.integers(0, 4, n).astype(float)
    noise = rng.normal(size=n)
    effect = np.array([0.0, 0.4, -0.3, 0.2])[energy.astype(int)]
    eta = -4.2 + 1.5 * (ltv - 0.75) - 0.012 * (score - 650) + 0.7 * late + effect + shift
    probability = 1 / (1 + np.exp(-eta))
    x = np.column_stack([ltv, np.where(rng.random(n) < 0.1, np.nan, score), late, energy, noise])
    return x, (rng.random(n) < probability).astype(int), probability
