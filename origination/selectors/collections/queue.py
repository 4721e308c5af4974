"""The queue of overdue leases: found, filtered and sorted in the database.

What is past due comes from the replay and what became of promises from the bank lines; both go
into the query as columns, so that nothing derived is stored and nothing is sorted in Python.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from origination.copying import text_array
from origination.domain.collections.contacts import Channel
from origination.domain.collections.ladder import BUCKET_DAYS, Bucket
from origination.domain.collections.promises import PromiseStatus
from origination.domain.life.machine import State
from origination.selectors.collections.facts import rules_in_force, states_of_promises
from origination.selectors.collections.overdue import Overdue, overdue
from tenants.database.bound import run_bound

NOBODY = "nobody"
#: Nothing is collected any more of leases that ended like this, whatever is still owed.
OVER = [State.EARLY_SETTLED.value, State.WRITTEN_OFF.value, State.CLOSED.value]
#: Sort orders; the first is what a desk begins the day with.
SORTS = {
    "work": """coalesce(c.next_action_on > %(today)b::date, false), c.next_action_on IS NULL,
        p.status IS DISTINCT FROM 'broken', done, days DESC, owed DESC""",
    "days": "days DESC, owed DESC",
    "owed": "owed DESC, days DESC",
    "next": "c.next_action_on NULLS LAST, days DESC",
    "quiet": "c.last_contact_at NULLS FIRST, days DESC",
}
PROMISES = ("open", "kept", "partly_kept", "broken", "none")
_COLUMNS = """
    l.rid, l.contract_number, l.lessee_name, l.province, l.currency, late.days, late.arrears,
    late.owed, c.assigned_to, c.last_contact_at, coalesce(c.last_channel, ''),
    coalesce(c.last_outcome, ''), c.next_action_on, coalesce(c.do_not_call, false),
    coalesce(p.status, ''), p.amount, p.due_on, coalesce(ladder.step, ''), done
"""
_LATE = """
    FROM unnest(%(rid)b::text[]::uuid[], %(days)b::int[], %(arrears)b::bigint[],
        %(owed)b::bigint[]) AS late (rid, days, arrears, owed)
    JOIN origination_lease AS l USING (rid)
"""
_RUNS = """
    coalesce((SELECT step.state FROM origination_lifestep AS step WHERE step.lease_id = l.rid
        ORDER BY step.number DESC LIMIT 1), 'active') <> ALL(%(over)b::text[])
"""
_FROM = """
    LEFT JOIN origination_collectioncase AS c ON c.lease_id = l.rid
    LEFT JOIN unnest(%(p_rid)b::text[]::uuid[], %(p_status)b::text[], %(p_amount)b::bigint[],
        %(p_due)b::date[]) AS p (rid, status, amount, due_on) ON p.rid = l.rid
    LEFT JOIN LATERAL (
        SELECT step, place
        FROM unnest(%(steps)b::text[], %(step_days)b::int[]) WITH ORDINALITY AS s (step, day, place)
        WHERE s.day <= late.days ORDER BY place DESC LIMIT 1
    ) AS ladder ON true
    CROSS JOIN LATERAL (
        SELECT ladder.step IS NULL OR EXISTS (
            SELECT FROM origination_collectioncontact AS made
            LEFT JOIN origination_collectioncontact AS newer ON newer.corrects_id = made.rid
            WHERE made.lease_id = l.rid AND newer.rid IS NULL
                AND made.at >= %(today)b::date - late.days
                AND array_position(%(steps)b::text[], made.channel::text) >= ladder.place
        ) AS done
    ) AS did
"""


class Row(NamedTuple):
    """One overdue lease; `step` is the ladder's, `done` whether it (or a later one) was taken."""

    rid: UUID
    contract_number: str
    lessee_name: str
    province: str
    currency: str
    days: int
    arrears_minor: int
    owed_minor: int
    assigned_to: UUID | None
    last_contact_at: datetime | None
    last_channel: str
    last_outcome: str
    next_action_on: date | None
    do_not_call: bool
    promise: str
    promised_minor: int | None
    promised_on: date | None
    step: str
    done: bool


@dataclass(frozen=True)
class Wanted:
    """Filters of the queue; empty text is no filter. `assigned`: a person's id, or `nobody`."""

    q: str = ""
    bucket: str = ""
    assigned: str = ""
    step: str = ""
    promise: str = ""
    province: str = ""
    due: bool = False
    sort: str = "work"


@dataclass(frozen=True)
class Total:
    """What is owed in the queue in one currency."""

    currency: str
    leases: int
    owed_minor: int


@dataclass(frozen=True)
class Queue:
    """A page of the queue, how long it is in all, and all buckets without any filter."""

    rows: Sequence[Row]
    totals: Sequence[Total]
    buckets: dict[Bucket, int]

    @property
    def count(self) -> int:
        return sum(total.leases for total in self.totals)


def find_queue(
    wanted: Wanted, *, as_of: date, known_at: datetime, offset: int = 0, limit: int = 50
) -> Queue:
    """The overdue leases that are wanted, in the order that is wanted."""
    late = overdue(as_of=as_of, known_at=known_at)
    if not len(late):
        return Queue([], [], dict.fromkeys(Bucket, 0))
    parameters = _columns(late, as_of, known_at) | {"limit": limit, "offset": offset}
    where, asked = _where(wanted)
    parameters |= asked
    order = SORTS.get(wanted.sort, SORTS["work"])
    page = f"SELECT {_COLUMNS} {_LATE} {_FROM} {where} ORDER BY {order}, l.rid"
    rows = _run(f"{page} LIMIT %(limit)b OFFSET %(offset)b", parameters)
    sums = "SELECT l.currency, count(*), sum(late.owed)::bigint"
    totals = _run(
        f"{sums} {_LATE} {_FROM} {where} GROUP BY l.currency ORDER BY l.currency", parameters
    )
    found = [Row(*row) for row in rows]
    return Queue(found, [Total(*total) for total in totals], _buckets(parameters))


def _buckets(parameters: dict[str, object]) -> dict[Bucket, int]:
    counts = ", ".join(
        f"count(*) FILTER (WHERE days BETWEEN {first} AND {last})"
        for first, last in BUCKET_DAYS.values()
    )
    [row] = _run(f"SELECT {counts} {_LATE} WHERE {_RUNS}", parameters)
    return dict(zip(BUCKET_DAYS, row, strict=True))


def _columns(late: Overdue, as_of: date, known_at: datetime) -> dict[str, object]:
    promises = [
        (str(rid), state.status.value, state.promise.amount_minor, state.promise.due_on)
        for rid, states in states_of_promises(as_of=as_of, known_at=known_at).items()
        for _row, state in states[-1:]
        if state.status is not PromiseStatus.WITHDRAWN
    ]
    ladder = rules_in_force(known_at=known_at).ladder
    return {
        "today": as_of,
        "over": OVER,
        "rid": text_array(late.rid),
        "days": late.days,
        "arrears": late.arrears,
        "owed": late.owed,
        "p_rid": "{" + ",".join(row[0] for row in promises) + "}",
        "p_status": [row[1] for row in promises],
        "p_amount": [row[2] for row in promises],
        "p_due": [row[3] for row in promises],
        "steps": [step.value for step in ladder],
        "step_days": list(ladder.values()),
    }


def _where(wanted: Wanted) -> tuple[str, dict[str, object]]:
    tests, asked = [_RUNS], {}
    if text := wanted.q.strip():
        tests.append(
            "(l.contract_number ILIKE %(q)b OR l.lessee_name ILIKE %(q)b OR l.vin ILIKE %(q)b)"
        )
        asked["q"] = f"%{_plain(text)}%"
    if wanted.bucket in list(Bucket):
        tests.append("late.days BETWEEN %(first)b AND %(last)b")
        asked["first"], asked["last"] = BUCKET_DAYS[Bucket(wanted.bucket)]
    if wanted.assigned == NOBODY:
        tests.append("c.assigned_to IS NULL")
    elif wanted.assigned:
        tests.append("c.assigned_to = %(assigned)b")
        asked["assigned"] = UUID(wanted.assigned)
    if wanted.step in list(Channel):
        tests.append("ladder.step = %(step)b AND NOT done")
        asked["step"] = wanted.step
    if wanted.promise == "none":
        tests.append("p.status IS NULL")
    elif wanted.promise:
        tests.append("p.status = %(promise)b")
        asked["promise"] = wanted.promise
    if wanted.province:
        tests.append("l.province = %(province)b")
        asked["province"] = wanted.province
    if wanted.due:
        tests.append("c.next_action_on <= %(today)b::date")
    return f"WHERE {' AND '.join(tests)}", asked


def _plain(text: str) -> str:
    """Of a pattern only what was typed."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _run(query: str, parameters: dict[str, object]) -> list[tuple]:
    named = {name: value for name, value in parameters.items() if f"%({name})b" in query}
    return run_bound(query, named)
