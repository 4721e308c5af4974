"""Papers of some vehicles: insurance, registration, mortgage, valid, running out or expired."""

from datetime import timedelta

from config.demo.scene import Scene
from config.demo.stage import Facts
from origination.domain.papers import Paper
from origination.selectors.leases import find_leases
from origination.services.papers import note_paper

_LEASES = 12
_INSURERS = ("中国人保财险", "平安财险", "太平洋财险")
_CLIENT = "Chrome · Windows"


def note_papers(scene: Scene, schema: str) -> Facts:
    """Of the newest leases; their last days lie from a month ago to a year ahead."""
    by, at, count = scene.person("backoffice", schema), scene.moment(minute=2), 0
    with scene.inside(schema):
        for number, lease in enumerate(find_leases(life="active")[:_LEASES]):
            for place, paper in enumerate(Paper):
                if (number + place) % 4 == 3:
                    continue  # some are missing
                until = scene.as_of + timedelta(days=-30 + 37 * ((number * 5 + place * 3) % 12))
                party = "车辆管理所" if place > 1 else _INSURERS[number % len(_INSURERS)]
                given = {
                    "paper": paper.value,
                    "number": f"{lease.vin[-6:]}-{place + 1}",
                    "party": party,
                    "from_on": (until - timedelta(days=364)).isoformat(),
                    "until_on": "" if paper is Paper.MORTGAGE else until.isoformat(),
                }
                at += timedelta(seconds=1)
                note_paper(rid=lease.rid, given=given, by=by, at=at, client=_CLIENT)
                count += 1
    return {"papers": count}
