"""What became of some leases, as the back office records it: settled, repossessed, written off,
closed. The rest of the book stays active, as it was taken over."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import polars as pl

from config.demo.scene import Scene
from config.demo.stage import Facts
from config.demo.steps.rids import with_rids
from origination.domain.life.guards import Standing
from origination.domain.life.machine import Move
from origination.selectors.life import standing_of
from origination.services import lease_of, move_lease

#: Leases of each kind; some of them go a move further.
_OF_EACH = 6
_CLIENT = "Chrome · Windows"
_TOWNS = (
    "佛山市顺德区", "广州市白云区", "成都市武侯区", "杭州市萧山区", "武汉市江夏区", "郑州市金水区",
)  # fmt: skip
_DUE_DAY = "15"
_CHANGES: tuple[tuple[Move, dict[str, str]], ...] = (
    (Move.EXTEND, {"months": "6", "reason": "客户收入下降，申请展期"}),
    (Move.CHANGE_DUE_DAY, {"due_day": _DUE_DAY, "reason": "改为发薪日后还款"}),
    (
        Move.PAUSE,
        {"holiday_months": "2", "holiday_interest": "deferred", "reason": "车辆事故维修期间"},
    ),
    (Move.CHANGE_RATE, {"annual_nominal_rate": "0.06", "reason": "利率优惠活动"}),
)
Plot = tuple[str, list[tuple[Move, date, dict[str, str]]]]


def live_on(scene: Scene, schema: str) -> Facts:
    """Moves on a few leases whose bank lines bear them out."""
    made = 0
    office, manager = scene.person("backoffice", schema), scene.person("manager", schema)
    truth = with_rids(scene, schema, scene.of_lessor(schema, scene.truth(scene.as_of)))
    with scene.inside(schema):
        for rid, moves in _plots(scene, truth):
            at = scene.moment(minute=2)
            for move, on, given in moves:
                by = manager if move is Move.WRITE_OFF else office
                at += timedelta(seconds=1)
                move_lease(
                    rid=UUID(rid), move=move, on=on, given=given, by=by, at=at, client=_CLIENT
                )
                made += 1
    return {"moves": made}


def _plots(scene: Scene, truth: pl.DataFrame) -> Iterator[Plot]:
    day = scene.as_of
    closed: dict[str, Any] = {"vehicle": "lessee", "reason": "租期届满，款项付清"}

    def some(name: str, fits: Callable[[Standing, date], bool]) -> Iterator[tuple[int, str, date]]:
        """The latest few of the leases to which it happened, if their bank lines say so, too."""
        rows = truth.filter(pl.col(name) <= day).sort(name, "lease_rid", descending=True)
        found = 0
        for rid, on in rows.head(8 * _OF_EACH).select("lease_rid", name).iter_rows():
            asked = on if name == "settled_on" else day
            lease = lease_of(UUID(rid))
            if fits(standing_of(lease, on=asked, known_at=scene.moment()), on):
                yield found, rid, on
                found += 1
            if found == _OF_EACH:
                return

    for number, rid, on in some("settled_on", lambda found, on: found.settled_on == on):
        further = [(Move.CLOSE, day, {"vehicle": "lessee"})] if number % 2 else []
        yield rid, [(Move.SETTLE, on, {"reason": "客户提前结清"}), *further]
    for _number, rid, _on in some("matured_on", lambda found, on: found.claim_minor <= 0):
        yield rid, [(Move.CLOSE, day, closed)]
    for number, (rid, on) in enumerate(_running(truth, day)):
        move, given = _CHANGES[number % len(_CHANGES)]
        yield rid, [(move, on, given)]
    for number, rid, _on in some("default_on", lambda found, on: found.days_past_due > 0):
        taken = {"place": _TOWNS[number % len(_TOWNS)], "reason": "逾期未付，无法联系"}
        asked = (Move.ASK_WRITE_OFF, day, {"reason": "无可执行财产"})
        further = [[], [asked, (Move.WRITE_OFF, day, {})], [asked]][number % 3]
        yield rid, [(Move.REPOSSESS, day, taken), *further]


def _running(truth: pl.DataFrame, day: date) -> Iterator[tuple[str, date]]:
    """Leases that run on for a while under level rents, and the day on which each is changed.

    None falls due on the day to which a due day is moved: a change that changes nothing is refused.
    """
    ends = ("settled_on", "matured_on", "default_on")
    running = truth.filter(*(pl.col(name).is_null() for name in ends)).sort("lease_rid")
    found = 0
    for rid in running["lease_rid"]:
        lease = lease_of(UUID(rid))
        since = day - timedelta(days=40 - found)
        left = lease.maturity_on > day + timedelta(days=90) and lease.originated_on < since
        moves_day = not lease.record["first_payment_on"].endswith(f"-{_DUE_DAY}")
        if left and lease.record["rent_pattern"] == "level" and moves_day:
            yield rid, since
            found += 1
        if found == 2 * len(_CHANGES):
            return
