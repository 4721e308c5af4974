"""How well the copies are: of this log with others, and of others' logs here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Now

from ledger import selectors
from ledger.drafts import instant
from ledger.exchange import problems
from ledger.exchange import selectors as exchange
from ledger.exchange.convictions import standing_conviction
from ledger.exchange.refusing import SILENT_AFTER, STALLED_AFTER, rests, rests_until
from ledger.models import (
    Cosignature,
    Entry,
    ForkProof,
    Head,
    Outbox,
    Refusal,
    Replica,
    ReplicaPayload,
    WitnessedLog,
)
from tenants import clock
from tenants.context import current_tenant
from tenants.models import Parcel, PublishedKey, Relationship, Tenant
from tenants.standing import told_apart

#: Jobs send, take and cosign within a minute; what waits an hour is late.
LATE_AFTER = timedelta(hours=1)


class State(StrEnum):
    """What is to be said of one copy, worst first."""

    FORKED = "forked"
    GONE = "gone"  # the holder's tables are not there: it holds nothing now
    REFUSED = "refused"
    STALLED = "stalled"
    SILENT = "silent"
    LATE = "late"
    NEW = "new"  # nothing was sent or came yet
    COMING = "coming"  # the newest entries are on their way
    WHOLE = "whole"

    @property
    def is_well(self) -> bool:
        """Whether nobody has to do anything."""
        return self in (State.WHOLE, State.COMING, State.NEW)


@dataclass(frozen=True)
class Elsewhere:
    """This log's copy with one counterparty."""

    holder: Tenant | None
    state: State
    size: int  # of this log
    cosigned_size: int
    cosigned_at: datetime | None  # as the holder's clock said
    sent_size: int
    sent_at: datetime | None
    waiting: int  # parcels that it has not taken yet
    lag_hours: int | None  # age of the oldest entry that it has not cosigned; None: none is missing
    refused_since: datetime | None
    refusals: int
    refusal: Refusal | None
    rests_until: datetime | None  # nothing is sent before

    @property
    def lag(self) -> int:
        """Entries that it has not cosigned."""
        return max(self.size - self.cosigned_size, 0)


@dataclass(frozen=True)
class Here:
    """The copy of one counterparty's log."""

    row: Replica
    of: Tenant | None
    state: State
    payloads: int
    erased: int
    cosigned_size: int
    cosigned_at: datetime | None
    refusals: int
    refusal: Refusal | None  # the newest, if it stands since the last good parcel

    @property
    def missing(self) -> int:
        """Entries that the log signed and that are not here."""
        return max(self.row.checkpoint_size - self.row.size, 0)

    @property
    def is_complete(self) -> bool:
        """Whether it holds everything under the newest checkpoint that came."""
        return self.row.checkpoint_size == self.row.size


def copies_elsewhere() -> list[Elsewhere]:
    """This log with each counterparty that receives it, or once did."""
    size = selectors.log_size()
    if not size:
        return []
    outboxes = {row.to_tenant: row for row in Outbox.objects.all()}
    related = Relationship.objects.filter(sender=current_tenant(), is_active=True)
    ready = PublishedKey.objects.filter(purpose=PublishedKey.PARCELS).values("tenant")
    expected = set(related.filter(receiver__in=ready).values_list("receiver", flat=True))
    holders = Tenant.objects.in_bulk(expected | outboxes.keys())
    gone = {tenant.pk for tenant in told_apart(pk__in=holders)[1]}
    found = [
        _elsewhere(outboxes.get(pk) or Outbox(to_tenant=pk), holders.get(pk), size, pk in gone)
        for pk in expected | outboxes.keys()
    ]
    return sorted(found, key=lambda item: str(item.holder))


def _elsewhere(row: Outbox, holder: Tenant | None, size: int, is_gone: bool) -> Elsewhere:
    us, told = current_tenant(), exchange.last_refusal(row)
    waiting = Parcel.objects.filter(sender=us, receiver=row.to_tenant, log_origin=_origin())
    age = _age_of(row.cosigned_size)
    return Elsewhere(
        holder=holder,
        state=State.GONE if is_gone else _state_elsewhere(row, age),
        size=size,
        cosigned_size=row.cosigned_size,
        cosigned_at=_cosigned_at(row),
        sent_size=row.cursor,
        sent_at=row.sent_at,
        waiting=waiting.count(),
        lag_hours=None if age is None else age // timedelta(hours=1),
        refused_since=row.refused_since,
        refusals=exchange.told_refusals(row).count(),
        refusal=told if row.refused_since else None,
        rests_until=rests_until(row) if rests(row, clock.now()) else None,
    )


def _state_elsewhere(row: Outbox, age: timedelta | None) -> State:
    if row.refused_since is not None:  # else they cosigned again since
        convicted = ForkProof.objects.filter(source=current_tenant().pk, other=row.to_tenant)
        return State.FORKED if convicted.exists() else State.REFUSED
    return State.NEW if row.sent_at is None else _late(age)


def _late(age: timedelta | None) -> State:
    if age is None:
        return State.WHOLE
    if age < LATE_AFTER:
        return State.COMING
    return State.SILENT if age >= SILENT_AFTER else State.LATE


def _origin() -> str:
    return Head.objects.get().origin


def _age_of(index: int) -> timedelta | None:
    """How long an entry has been in the log, by the clock that stamped it; None: it is not yet.

    In a demo days pass in seconds: where the log went on for as long as makes one silent, it is as
    old as its calendar says, as at the other side (`copies_here`).
    """
    age = ExpressionWrapper(Now() - F("appended_at"), output_field=DurationField())
    found = Entry.objects.filter(index=index).annotate(age=age).values_list("age", "ts").first()
    if found is None:
        return None
    by_wall = max(found[0], timedelta())
    if not current_tenant().is_demo:
        return by_wall
    newest = Entry.objects.order_by("-index").values_list("ts", flat=True)[0]
    by_calendar = instant(newest) - instant(found[1])
    return max(by_wall, by_calendar) if by_calendar >= SILENT_AFTER else by_wall


def _cosigned_at(row: Outbox) -> datetime | None:
    """When the holder cosigned last, as its own clock said."""
    keys = PublishedKey.objects.filter(tenant=row.to_tenant, purpose=PublishedKey.COSIGNER)
    found = Cosignature.objects.filter(
        size=row.cosigned_size, vkey__in=keys.values_list("key", flat=True)
    )
    newest = found.order_by("-cosigned_at").first()
    return newest.cosigned_at if newest else None


def copies_here(now: datetime) -> list[Here]:
    """Every copy that is kept here."""
    rows = list(exchange.replicas())
    names = Tenant.objects.in_bulk([row.source for row in rows])
    return [_here(row, names.get(row.source), now) for row in rows]


def copy_here(row: Replica, now: datetime) -> Here:
    """One copy that is kept here."""
    return _here(row, Tenant.objects.filter(pk=row.source).first(), now)


def _here(row: Replica, of: Tenant | None, now: datetime) -> Here:
    held = ReplicaPayload.objects.filter(source=row.source).aggregate(
        readable=Count("pk", filter=Q(erased_at=None)), erased=Count("erased_at")
    )
    ours = WitnessedLog.objects.filter(origin=row.origin).first()
    refused = _standing_refusals(row)
    newest = refused.first()
    return Here(
        row=row,
        of=of,
        state=_state_here(row, newest, now),
        payloads=held["readable"],
        erased=held["erased"],
        cosigned_size=ours.size if ours else 0,
        cosigned_at=ours.cosigned_at if ours else None,
        refusals=refused.count(),
        refusal=newest,
    )


def _standing_refusals(row: Replica) -> QuerySet[Refusal]:
    refused = exchange.refusals(other=row.source).filter(by_us=True)
    refused = refused.exclude(code__in=problems.STANDSTILLS)
    since = _settled_at(row)
    return refused if since is None else refused.filter(at__gt=since)


def _settled_at(row: Replica) -> datetime | None:
    """Since when a refusal stands: while entries lack, a parcel without any settles nothing."""
    if row.behind_since is None:
        return row.received_at
    newest = exchange.replica_entries(row.source).last()
    return newest.known_at if newest else None


def _state_here(row: Replica, refused: Refusal | None, now: datetime) -> State:
    if standing_conviction(row.source, row.origin) is not None:
        return State.FORKED
    if refused is not None:
        return State.REFUSED
    if row.received_at is None:
        return State.NEW
    if row.behind_since is not None and now - row.behind_since >= STALLED_AFTER:
        return State.STALLED
    if now - row.received_at >= SILENT_AFTER:
        return State.SILENT
    return State.COMING if row.size < row.checkpoint_size else State.WHOLE


def count_ill(now: datetime) -> int:
    """Copies that are not well, of this log and of others', where the relationship lasts."""
    us = current_tenant()
    related = Relationship.objects.filter(is_active=True)
    sent = Outbox.objects.filter(to_tenant__in=related.filter(sender=us).values("receiver"))
    kept = exchange.replicas().filter(source__in=related.filter(receiver=us).values("sender"))
    gone = {tenant.pk for tenant in told_apart(pk__in=[row.to_tenant for row in sent])[1]}
    states = [
        State.GONE if row.to_tenant in gone else _state_elsewhere(row, _age_of(row.cosigned_size))
        for row in sent
    ]
    states += [_state_here(row, _standing_refusals(row).first(), now) for row in kept]
    return sum(not state.is_well for state in states)
