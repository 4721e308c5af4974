"""Buckets of days past due, and the ladder of steps that they call for."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from origination.domain.collections.contacts import Channel
from origination.domain.collections.rules import CollectionRules


class Bucket(StrEnum):
    """Days past due as the trade groups them."""

    TO_30 = "1-30"
    TO_60 = "31-60"
    TO_90 = "61-90"
    OVER_90 = "90+"


#: The first and the last day past due of each.
BUCKET_DAYS: dict[Bucket, tuple[int, int]] = {
    Bucket.TO_30: (1, 30),
    Bucket.TO_60: (31, 60),
    Bucket.TO_90: (61, 90),
    Bucket.OVER_90: (91, 1_000_000),
}


def bucket_of(days_past_due: int) -> Bucket | None:
    """None where nothing is past due."""
    for bucket, (first, last) in BUCKET_DAYS.items():
        if first <= days_past_due <= last:
            return bucket
    return None


def step_at(days_past_due: int, rules: CollectionRules) -> Channel | None:
    """The furthest step whose day has come; None before the first."""
    reached = [step for step, day in rules.ladder.items() if day <= days_past_due]
    return reached[-1] if reached else None


def suggestion(
    days_past_due: int, done: Collection[Channel], rules: CollectionRules
) -> Channel | None:
    """What is to be done now: the step that is reached, unless it (or a later one) was done.

    `done` are the channels of contacts since the oldest unpaid rental fell due.
    """
    step = step_at(days_past_due, rules)
    if step is None:
        return None
    order = list(Channel)
    return None if any(order.index(one) >= order.index(step) for one in done) else step
