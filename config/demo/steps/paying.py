"""Purchased pools pay each month once it is over and its bank lines have arrived."""

from datetime import datetime

from config.demo.scene import Scene
from pools.distributions.reading import newest_versions, period_of
from pools.distributions.selectors import paying_pools
from pools.distributions.services import make_distribution
from tenants.problems import Refused


def pay_what_is_due(scene: Scene, at: datetime) -> int:
    """Every period of every purchased pool that is over at an instant; how many were paid."""
    made = 0
    with scene.inside("trust"):
        by = scene.person("portfolio", "trust")
        for pool, _newest in paying_pools():
            period = len(newest_versions(pool)) + 1
            while period_of(pool, period)[1] <= at.date():
                try:
                    make_distribution(pool=pool, period=period, known_at=at, by=by, at=at)
                except Refused as refusal:
                    if refusal.code != "period_not_over":
                        raise
                    break  # its lessor is silent: paid once the bank lines have come
                period, made = period + 1, made + 1
    return made
