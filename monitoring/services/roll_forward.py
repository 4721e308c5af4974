"""Rolling the portfolio forward to a day: positions, snapshots, triggers, entries, alerts."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from ledger.drafts import Draft
from ledger.services import append_entries
from monitoring.book import Book
from monitoring.live.nudges import FIGURES, nudge_after_commit
from monitoring.models import TriggerEvent
from monitoring.performance.buckets import CN
from monitoring.performance.roll_forward import Standing, Turns, turns
from monitoring.services.positions import Before, positions_before, write_positions
from monitoring.services.problems import find_problems
from monitoring.services.snapshots import take_snapshots
from monitoring.services.triggers import look_at_triggers
from monitoring.services.turning import end_cured, raise_turned


@dataclass(frozen=True)
class Rolled:
    """What a roll-forward did."""

    as_of: date
    derived: int
    missed: int
    worse: int
    defaulted: int
    cured: int
    problems: int
    triggers: list[TriggerEvent]


def roll_forward(*, book: Book, as_of: date, at: datetime) -> Rolled:
    """Bring the leases of `book` to the end of `as_of`, from what is known at `at`.

    The book may hold every lease or only those that something happened to (`due_for_a_roll`): the
    figures of the portfolio are the same. One transaction; a second roll to the same day with
    nothing new writes no entry and raises no alert.
    """
    with transaction.atomic():
        _one_at_a_time()
        before = positions_before(book)
        now = book.standing(as_of=as_of, known_at=at, defaults_before=before.defaults)
        turned = turns(
            bucket_before=before.bucket, defaulted_before=before.defaults.is_default, now=now
        )
        write_positions(book=book, before=before, now=now, as_of=as_of)
        changed = np.concatenate([turned.missed, turned.worse, turned.defaulted])
        problems = find_problems(lease_rids=_rids(book, changed), at=at)
        snapshots = take_snapshots(as_of=as_of)
        _tell(book, before, now, turned, at)
        events = look_at_triggers(snapshots=snapshots, at=at)
        nudge_after_commit(FIGURES)
    return Rolled(
        as_of=as_of,
        derived=len(book),
        missed=turned.missed.size,
        worse=turned.worse.size,
        defaulted=turned.defaulted.size,
        cured=turned.cured.size,
        problems=problems,
        triggers=events,
    )


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('monitoring.roll'), hashtext(%s))",
            [connection.schema_name],
        )


def _rids(book: Book, rows: np.ndarray) -> list[UUID]:
    return [UUID(rid) for rid in book.leases["lease_rid"].gather(rows)]


def _tell(book: Book, before: Before, now: Standing, turned: Turns, at: datetime) -> None:
    """Entries and alerts of what turned. A first look at a portfolio tells nothing: its past is
    history, not news."""
    news = before.known
    for code, rows in (
        ("payment_missed", turned.missed[news[turned.missed]]),
        ("delinquency_worse", turned.worse[news[turned.worse]]),
        ("asset_defaulted", turned.defaulted[news[turned.defaulted]]),
    ):
        if rows.size:
            facts = _facts(book, now, rows)
            entries = append_entries(drafts=[_draft(code, fact, at) for fact in facts])
            raise_turned(code, facts, [entry.index for entry in entries], at)
    end_cured(_rids(book, turned.cured), at)


def _facts(book: Book, now: Standing, rows: np.ndarray) -> list[dict]:
    own = book.leases.select("lease_rid", "lessor_id", "pool_id", "contract_number", "currency")[
        rows
    ]
    return [
        {
            **lease,
            "days": int(now.days_past_due[row]),
            "bucket": CN.labels[now.bucket[row]],
            "arrears_minor": int(now.arrears[row]),
            "balance_minor": int(now.balance[row]),
        }
        for lease, row in zip(own.iter_rows(named=True), rows, strict=True)
    ]


def _draft(code: str, fact: dict, at: datetime) -> Draft:
    fields = {
        "turned": code,
        "days_past_due": str(fact["days"]),
        "bucket": fact["bucket"],
        "arrears_minor": str(fact["arrears_minor"]),
        "balance_minor": str(fact["balance_minor"]),
        "currency": fact["currency"],
    }
    if fact["pool_id"]:
        fields["pool"] = fact["pool_id"]
    return Draft.service(kind="asset.delinquent", rid=fact["lease_rid"], fields=fields, ts=at)
