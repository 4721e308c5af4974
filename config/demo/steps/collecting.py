"""The lessors' collectors at work: leases are shared out, lessees called and visited.

Promises are taken before the days in which they fall due are lived: what becomes of them is for the
bank lines to say. A round is played before the first month, another after it, and then one a week.
"""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from django.db import transaction

from config.demo.calendar import last_day
from config.demo.cast import LESSORS
from config.demo.scene import Scene
from config.demo.silence import silent_since
from config.demo.stage import Facts, Step
from origination.domain.collections.contacts import Channel, instant_text
from origination.domain.collections.ladder import Bucket, bucket_of
from origination.generator.collecting import Drawn, draw_contact
from origination.models import CollectionCase, Lease, PaymentEvent
from origination.selectors.collections.queue import Row, Wanted, find_queue
from origination.services.collections import (
    Assignment,
    assign_leases,
    bar_calls,
    contact_draft,
    record_contact,
)
from tenants.problems import Problem

_LOOKED_AT = 5000
_OF_A_BUCKET = 16  # leases that are looked at in a round, those to be done first
_COLLECTORS = ("officer", "backoffice")
_AT_NIGHT = 0.03  # of calls are made at an hour at which none is permitted, and owned up to


def first_round(scene: Scene) -> Facts:
    """Overdue leases are shared out and worked through for the first time."""
    contacts = sum(_round(scene, schema, days=0, share=True) for schema in LESSORS)
    return {"contacts": contacts}


def next_round(scene: Scene) -> Facts:
    """Once time has passed: promises were kept or broken by now."""
    days = ((last_day() or scene.as_of) - scene.as_of).days
    if days <= 0:
        return {"contacts": 0}
    return {"contacts": sum(_round(scene, schema, days=days) for schema in LESSORS)}


def work_on_the_queue(scene: Scene, schema: str, number: int) -> int:
    """One lessor's weekly round on the morning after the `number`th day; how many contacts."""
    return 0 if number % 7 or schema in silent_since() else _round(scene, schema, days=number)


def _round(scene: Scene, schema: str, *, days: int, share: bool = False) -> int:
    at = scene.moment(days=days, hour=1, minute=10)
    people = [scene.person(name, schema) for name in _COLLECTORS]
    rng = np.random.default_rng([scene.spec.seed, days, LESSORS.index(schema)])
    with scene.inside(schema), transaction.atomic():
        if not PaymentEvent.objects.exists():
            return 0
        found = find_queue(Wanted(), as_of=at.date(), known_at=at, limit=_LOOKED_AT).rows
        rows = [
            row
            for bucket in Bucket
            for row in [one for one in found if bucket_of(one.days) is bucket][:_OF_A_BUCKET]
        ]
        if share:
            manager = scene.person("manager", schema)
            plan = [Assignment(row.rid, people[n % 2]) for n, row in enumerate(rows)]
            if plan:
                assign_leases(assignments=plan, by=manager, at=at)
        waiting = [row for row in rows if not row.done and row.promise != "open"]
        return _work(waiting, people, at, rng)


def _work(rows: Sequence[Row], people, at, rng: np.random.Generator) -> int:
    leases = Lease.objects.in_bulk([row.rid for row in rows])
    owners = dict(
        CollectionCase.objects.filter(lease__in=leases).values_list("lease_id", "assigned_to")
    )
    count = 0
    for place, row in enumerate(rows):
        drawn = draw_contact(row.step, row.days, rng)
        when = at + timedelta(minutes=place)
        at_night = drawn.channel is Channel.CALL and rng.random() < _AT_NIGHT
        by = owners.get(row.rid) or people[place % 2]
        count += _contact(leases[row.rid], row, drawn, by=by, at=when, at_night=at_night)
    return count


def _contact(lease: Lease, row: Row, drawn: Drawn, *, by, at, at_night: bool) -> bool:
    took_place = (at - timedelta(days=1)).replace(hour=14) if at_night else at
    due_on = at.date() + timedelta(days=drawn.due_days)
    amount = int(row.owed_minor * drawn.promised) // 10_000 * 10_000 or row.owed_minor
    fields = {
        "lease_rid": str(lease.rid),
        "channel": drawn.channel.value,
        "outcome": drawn.outcome.value,
        "at": instant_text(took_place),
        "note": drawn.note,
        "place": "登记住址" if drawn.channel is Channel.VISIT else "",
        "next_action_on": ""
        if drawn.promised
        else (at.date() + timedelta(days=drawn.next_days)).isoformat(),
    }
    if drawn.promised:
        fields |= {"promised_minor": str(amount), "promised_on": due_on.isoformat()}
    try:
        record_contact(
            draft=contact_draft(fields=fields, by=by, at=at),
            by=by,
            at=at,
            confirmed=["breaches"] if at_night else [],
        )
    except Problem:
        return False  # such as a mark: this lessee is not called
    if drawn.is_barred:
        bar_calls(lease=lease, barred=True, reason="承租人要求不再致电", by=by, at=at)
    return True


FIRST = (Step("collecting", "overdue leases are shared out and called", first_round),)
AFTER_A_MONTH = (Step("collecting-again", "collectors look again", next_round),)
