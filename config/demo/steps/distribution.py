"""After the purchase: units are placed, a month passes, and the pool pays for the first time.

The deal is struck at the end of history, because only then has the model passed its tests; so what
a purchased pool pays lies after it. The first month is lived in one go, with every bank line that
it drew; from there on the pulse lives day by day and pays each month that is over. Without a
purchased pool no time passes.
"""

from datetime import timedelta

from config.demo.cast import INSTITUTIONS
from config.demo.scene import Scene
from config.demo.stage import Facts, Step
from config.demo.steps.days import advance_to, days_passed
from pools.distributions.reading import period_of
from pools.distributions.selectors import paying_pools, placed
from pools.distributions.units import subscribe_units
from pools.models import Distribution, Pool
from tenants.models import Tenant

_INVESTOR_PARTS = 4  # the investor of the cast holds a quarter of the senior class


def place_units(scene: Scene) -> Facts:
    """A part of the senior class to the investor; the lessor keeps the subordinated one."""
    count = 0
    with scene.inside("trust"):
        by, at = scene.person("portfolio", "trust"), scene.moment(minute=45)
        for pool, _newest in paying_pools():
            for tranche, holder, user_id, minor in _subscriptions(scene, pool):
                subscribe_units(
                    pool=pool, tranche=tranche, holder=holder, user_id=user_id,
                    units_minor=minor, by=by, at=at,
                )  # fmt: skip
                count += 1
    return {"subscriptions": count}


def _subscriptions(scene: Scene, pool: Pool):
    sizes = {one["name"]: one["size_minor"] for one in placed(pool)}
    investor = scene.person("investor", "trust")
    yield "senior", "Gao Yuan", investor, sizes["senior"] // _INVESTOR_PARTS // 100 * 100
    lessor = Tenant.objects.get(pk=pool.facility.request.source)
    if sizes.get("subordinated"):
        yield "subordinated", INSTITUTIONS[lessor.schema_name][1], None, sizes["subordinated"]


def live_the_first_month(scene: Scene) -> Facts:
    """Until the first day after the first period of every purchased pool."""
    with scene.inside("trust"):
        ends = [period_of(pool, 1)[1] for pool, _newest in paying_pools()]
    if ends:
        wanted = (max(ends) - scene.as_of) // timedelta(days=1)
        if days_passed(scene) < wanted:
            advance_to(scene, wanted)
    with scene.inside("trust"):
        made = Distribution.objects.count()
    return {"days": days_passed(scene), "distributions": made}


STEPS = (
    Step("units", "units are placed with investors", place_units),
    Step("month", "a month passes and the pool pays", live_the_first_month, in_parts=True),
)
