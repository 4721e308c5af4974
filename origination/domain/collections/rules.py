"""The lessor's rules of collecting, and which of them a contact breaks.

The default hours (08:00 to 21:00 by the clock of the lessee, Beijing time) and the default of three
calls a day follow China's guidance on collecting consumer credit [check: from general knowledge of
the self-regulation of internet finance of 2018 and the national guideline after it; neither text
was at hand]. A lessor that reads the rule otherwise sets other figures; they are on its ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Final

from origination.domain.collections.contacts import Channel, Contact

#: China has one time of day and no summer time.
BEIJING: Final = timezone(timedelta(hours=8), "CST")
_BY_VOICE: Final = frozenset({Channel.REMINDER, Channel.CALL})
_HOURS_APPLY: Final = frozenset({Channel.REMINDER, Channel.CALL, Channel.VISIT})


class Breach(StrEnum):
    """A rule that a contact breaks."""

    HOURS = "hours"
    DO_NOT_CALL = "do_not_call"
    TOO_OFTEN = "too_often"


@dataclass(frozen=True, slots=True)
class CollectionRules:
    """`ladder`: the day past due on which each step is due. Hours are full hours in Beijing.

    A contact may begin from `first_hour` and before `last_hour`; `calls_a_day` counts calls that
    the lessor made to one lessee about one lease.
    """

    ladder: Mapping[Channel, int] = field(
        default_factory=lambda: {
            Channel.REMINDER: 1,
            Channel.CALL: 4,
            Channel.VISIT: 20,
            Channel.NOTICE: 45,
            Channel.HANDOVER: 75,
        }
    )
    grace_days: int = 2
    first_hour: int = 8
    last_hour: int = 21
    calls_a_day: int = 3

    def as_json(self) -> dict[str, Any]:
        """What `read_rules` reads."""
        return {
            "ladder": {step.value: day for step, day in self.ladder.items()},
            "grace_days": self.grace_days,
            "first_hour": self.first_hour,
            "last_hour": self.last_hour,
            "calls_a_day": self.calls_a_day,
        }


DEFAULT_RULES: Final = CollectionRules()


@dataclass(frozen=True, slots=True)
class RuleFault:
    """What is wrong with one setting, and the figures its words name."""

    field: str
    code: str
    low: int = 0
    high: int = 0


def read_rules(data: Mapping[str, Any]) -> tuple[CollectionRules, list[RuleFault]]:
    """Rules from their JSON, and every fault at once (with faults the rules mean nothing)."""
    faults: list[RuleFault] = []

    def whole(value: object, name: str, low: int, high: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        faults.append(RuleFault(name, "not_in_range", low, high))
        return low

    steps = data.get("ladder")
    steps = steps if isinstance(steps, Mapping) else {}
    ladder = {step: whole(steps.get(step.value), step.value, 1, 365) for step in Channel}
    for before, step in zip(list(Channel), list(Channel)[1:], strict=False):
        if not faults and ladder[step] <= ladder[before]:
            faults.append(RuleFault(step.value, "not_later", ladder[before]))
    first = whole(data.get("first_hour"), "first_hour", 0, 23)
    last = whole(data.get("last_hour"), "last_hour", 1, 24)
    if not faults and last <= first:
        faults.append(RuleFault("last_hour", "not_later", first))
    grace = whole(data.get("grace_days"), "grace_days", 0, 30)
    calls = whole(data.get("calls_a_day"), "calls_a_day", 1, 50)
    return CollectionRules(ladder, grace, first, last, calls), faults


def breaches(
    contact: Contact,
    *,
    rules: CollectionRules,
    do_not_call: bool,
    calls: Sequence[datetime],
) -> list[Breach]:
    """Which rules a contact breaks. What the lessee began breaks none.

    `calls` are the lessor's other calls about the lease. A letter has no hour; a handover is no
    contact.
    """
    if contact.inbound:
        return []
    found = []
    local = contact.at.astimezone(BEIJING)
    inside = rules.first_hour <= local.hour < rules.last_hour
    if contact.channel in _HOURS_APPLY and not inside:
        found.append(Breach.HOURS)
    if contact.channel in _BY_VOICE and do_not_call:
        found.append(Breach.DO_NOT_CALL)
    same_day = [one for one in calls if one.astimezone(BEIJING).date() == local.date()]
    if contact.channel is Channel.CALL and len(same_day) >= rules.calls_a_day:
        found.append(Breach.TOO_OFTEN)
    return found
