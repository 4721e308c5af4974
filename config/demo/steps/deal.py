"""Deals: two lessors ask, the committee votes, pools are packaged, pledged, purchased and paid.

Without a screening by a proven model the requests are made and stay open.
"""

from config.demo.scene import Scene
from config.demo.stage import Facts, Step

# Heavy libraries come with `config.demo.deals`: a start with everything played does without.


def _ask(scene: Scene) -> Facts:
    from config.demo import deals

    return deals.ask(scene)


def _decide(scene: Scene) -> Facts:
    from config.demo import deals

    return deals.decide(scene)


def _package(scene: Scene) -> Facts:
    from config.demo import deals

    return deals.package(scene)


def _pledge(scene: Scene) -> Facts:
    from config.demo import deals

    return deals.pledge(scene)


def _purchase(scene: Scene) -> Facts:
    from config.demo import deals

    return deals.purchase(scene)


STEPS = (
    Step("requests", "the lessors ask the trust for money", _ask, in_parts=True, joins=True),
    Step("committee", "due diligence, facilities and the committee's votes", _decide),
    Step("pools", "pools are packaged and approved by four eyes", _package),
    Step("pledges", "receivables are reserved, asked for and accepted", _pledge, in_parts=True),
    Step("purchase", "the pools are purchased and the price is paid", _purchase, in_parts=True),
)
