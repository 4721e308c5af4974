"""A customer: everybody who is, was or wants to be a lessee under one identity number.

There is no table of customers: who a lease's lessee is stands in the lease. A customer's page is
named by a record of theirs (the first lease, else the first application), never by their number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Right
from django.http import Http404

from origination.domain.asking import NUMBER_END
from origination.domain.collections.promises import PromiseState
from origination.domain.life.machine import Move
from origination.models import (
    Application,
    ApplicationVersion,
    CollectionContact,
    Lease,
    PaymentEvent,
    PaymentPromise,
    VehiclePaper,
)
from origination.selectors.collections.facts import states_of_promises
from origination.selectors.desk import applications
from origination.selectors.life import HistoryRow, histories_of, with_states
from origination.selectors.papers import running_out
from origination.selectors.positions import Exposure, Position, exposures, positions_of

SHOWN = 20  # payments, contacts and steps; the leases' own pages have them all
MOST_LEASES = 200  # a fleet's are all counted; so many are listed


@dataclass(frozen=True)
class Person:
    """Who: as the newest record says. `number` is empty where it was erased."""

    kind: str
    name: str
    number: str
    phone: str
    province: str
    group: str


@dataclass(frozen=True)
class Customer:
    """Everything on record; `former`: leases that passed on to somebody else."""

    rid: UUID
    person: Person
    leases: Sequence[tuple[Lease, Position]]
    former: Sequence[Lease]
    applications: Sequence[Application]
    exposures: Sequence[Exposure]
    related: Sequence[Lease]
    payments: Sequence[PaymentEvent]
    promises: Sequence[tuple[Lease, PaymentPromise, PromiseState]]
    contacts: Sequence[CollectionContact]
    papers: Sequence[VehiclePaper]
    history: Sequence[tuple[Lease, HistoryRow]]
    count: int


def customer_of(rid: UUID, *, as_of: date, known_at: datetime) -> Customer:
    """The customer behind a lease or an application, or 404."""
    person = _person(rid)
    found = list(_leases_of(person, rid).order_by("originated_on", "rid"))
    asked = list(_applications_of(person, rid))
    first = found[0].rid if found else min(asked, key=lambda one: (one.opened_at, one.rid)).rid
    rids = [lease.rid for lease in found]
    at = positions_of(rids, as_of=as_of, known_at=known_at)
    nearest = sorted(found, key=lambda one: -at[one.rid].days_past_due if one.rid in at else 0)
    listed = nearest[:MOST_LEASES]
    by_rid = {lease.rid: lease for lease in found}
    promised = states_of_promises(as_of=as_of, known_at=known_at, leases=rids) if rids else {}
    promises = [(by_rid[of], row, state) for of, own in promised.items() for row, state in own]
    paid = PaymentEvent.objects.filter(lease__in=rids).order_by("-effective_at", "-pk")
    return Customer(
        rid=first,
        person=person,
        leases=[(lease, at[lease.rid]) for lease in listed if lease.rid in at],
        former=list(_former(person)),
        applications=asked[:SHOWN],
        exposures=exposures(found, at),
        related=list(_related(person)[:SHOWN]),
        payments=_with(paid[:SHOWN], by_rid),
        promises=sorted(promises, key=lambda one: one[1].made_at, reverse=True)[:SHOWN],
        contacts=_with(CollectionContact.objects.filter(lease__in=rids)[:SHOWN], by_rid),
        papers=list(running_out(as_of).filter(lease__in=rids)[:SHOWN]),
        history=histories_of(listed)[:SHOWN],
        count=len(found),
    )


def customer_rid(rid: UUID) -> UUID:
    """The record by which this customer's page is named, or 404."""
    person = _person(rid)
    first = _leases_of(person, rid).order_by("originated_on", "rid").first()
    if first is not None:
        return first.rid
    asked = _applications_of(person, rid).order_by("opened_at", "rid").first()
    return asked.rid if asked else rid


def _person(rid: UUID) -> Person:
    lease = Lease.objects.filter(rid=rid).first()
    if lease is not None:
        own = lease.record.get("lessee_id_number") == lease.lessee_id_number
        return Person(
            lease.lessee_kind,
            lease.lessee_name,
            lease.lessee_id_number,
            lease.record.get("lessee_phone", "") if own else "",
            lease.province,
            lease.record.get("lessee_group", "") if own else "",
        )
    version = ApplicationVersion.objects.filter(application=rid).order_by("-number").first()
    if version is None:
        raise Http404
    record = version.record
    return Person(
        record.get("lessee_kind", ""),
        version.lessee_name,
        record.get("lessee_id_number", ""),
        record.get("lessee_phone", ""),
        record.get("province", ""),
        record.get("lessee_group", ""),
    )


def _leases_of(person: Person, rid: UUID) -> QuerySet[Lease]:
    """What they owe; of an erased lessee the one record alone, since nothing says who it was."""
    leases = with_states(Lease.objects.all())
    if not person.number:
        return leases.filter(rid=rid)
    ends = leases.annotate(end=Right("lessee_id_number", NUMBER_END))  # what the index holds
    return ends.filter(end=person.number[-NUMBER_END:], lessee_id_number=person.number)


def _applications_of(person: Person, rid: UUID) -> QuerySet[Application]:
    if not person.number:
        return applications().filter(Q(rid=rid) | Q(lease_rid=rid))
    versions = ApplicationVersion.objects.annotate(
        end=Right(KT("record__lessee_id_number"), NUMBER_END)
    ).filter(end=person.number[-NUMBER_END:], record__lessee_id_number=person.number)
    return applications().filter(rid__in=versions.values("application"))


def _former(person: Person) -> QuerySet[Lease]:
    """Leases that they owed and passed on."""
    if not person.number:
        return Lease.objects.none()
    theirs = Q(record__lessee_id_number=person.number) | Q(
        steps__move=Move.TRANSFER.value, steps__facts__lessee_id_number=person.number
    )
    moved = Lease.objects.filter(steps__move=Move.TRANSFER.value)
    return moved.filter(theirs).exclude(lessee_id_number=person.number).distinct()[:SHOWN]


def _related(person: Person) -> QuerySet[Lease]:
    """Leases of others of the same group of related obligors."""
    if not person.group:
        return Lease.objects.none()
    group = Lease.objects.annotate(own_group=KT("record__lessee_group"))
    others = group.filter(own_group=person.group).exclude(lessee_id_number=person.number)
    return others.order_by(F("entry_index").desc(nulls_last=True))


def _with(rows, leases: dict[UUID, Lease]) -> list:
    """Rows with their lease, which is read already."""
    found = list(rows)
    for row in found:
        row.lease = leases[row.lease_id]
    return found
