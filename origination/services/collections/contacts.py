"""Contacts with late lessees, and the mark that a lessee is not to be called."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft
from ledger.integration import Integrated
from ledger.services import Accepted, append_entry, submit_entry
from origination.domain.collections.contacts import (
    FAULTS,
    Channel,
    Contact,
    Fault,
    Outcome,
    read_contact,
)
from origination.domain.collections.rules import Breach, CollectionRules, breaches
from origination.models import CollectionCase, CollectionContact, Lease
from origination.problems import ContactInvalid, ContactNotPermitted
from origination.selectors.collections.facts import rules_in_force
from origination.services.collections.cases import held_case
from origination.services.collections.promises import make_promise
from tenants.database.bound import run_bound
from tenants.problems import FieldError

#: What a person confirms who records a contact that breaks a rule.
CONFIRM = "breaches"
#: A promise that was made longer ago counts as made then: else it could wait for its money.
WAITS = timedelta(hours=72)


def contact_draft(*, fields: Mapping[str, str], by: UUID, at: datetime) -> Draft:
    """A contact typed at the desk, to be signed by the institution's key; empty fields go."""
    told = {name: text for name, text in fields.items() if text} | {"recorded_by": str(by)}
    return Draft.service(kind="contact.recorded", rid=uuid.uuid4(), fields=told, ts=at)


@transaction.atomic
def record_contact(
    *, draft: Draft, by: UUID, at: datetime, confirmed: Collection[str] = ()
) -> Accepted:
    """Record a `contact.recorded` draft, of the desk or signed on a phone.

    What was promised in it becomes a promise: made now at the desk, when it was said on a phone.

    Raises `ContactInvalid` naming every field that is wrong, `ContactNotPermitted` where it breaks
    a rule (unless `breaches` is in `confirmed`: what happened is recorded, as a breach), what
    `make_promise` raises, or what the ledger refuses. Nothing is written then.
    """
    contact, faults = read_contact(draft.payload.fields, now=at)
    if contact is None:
        raise _invalid(faults)
    lease = Lease.objects.defer("record").filter(rid=contact.lease_rid).first()
    faults = _faults_beside_the_book(contact, lease)
    if lease is None or faults:
        raise _invalid(faults)
    case = held_case(lease.pk)
    if contact.promised_minor is not None and contact.promised_on is not None:
        make_promise(
            lease=Lease.objects.get(pk=lease.pk),
            amount_minor=contact.promised_minor,
            due_on=contact.promised_on,
            by=by,
            at=at,
            made_at=at if draft.signature is None else _made_at(contact, at),
            contact=UUID(draft.rid),
        )
        case.refresh_from_db()
    rules = rules_in_force(known_at=at)
    broken = _breaches(contact, case, rules)
    if broken and CONFIRM not in confirmed:
        raise ContactNotPermitted(errors=[_breach(one, rules) for one in broken])
    accepted = submit_entry(draft=draft)
    CollectionContact.objects.create(
        rid=draft.rid,
        lease=lease,
        channel=contact.channel,
        outcome=contact.outcome,
        at=contact.at,
        inbound=contact.inbound,
        note=contact.note,
        place=contact.place,
        latitude=contact.latitude,
        longitude=contact.longitude,
        next_action_on=contact.next_action_on,
        corrects_id=contact.corrects,
        breaches=[str(one) for one in broken],
        recorded_by=by,
        recorded_at=at,
        entry_index=accepted.index,
    )
    _tell(case)
    return accepted


@transaction.atomic
def bar_calls(*, lease: Lease, barred: bool, reason: str, by: UUID, at: datetime) -> int | None:
    """The lessee is not to be called or messaged (letters and visits stay), or may be again.

    Answers the place of its entry; None where it is marked like this already.
    """
    case = held_case(lease.pk)
    if not reason.strip():
        wrong = FieldError("reason", "missing", "The reason is missing.", "Write why.")
        raise ContactInvalid(errors=[wrong])
    if case.do_not_call == barred:
        return None
    fields = {
        "lease_rid": str(lease.rid),
        "barred": "true" if barred else "false",
        "reason": reason.strip()[:200],
        "recorded_by": str(by),
    }
    draft = Draft.service(kind="contact.barred", rid=uuid.uuid4(), fields=fields, ts=at)
    appended = append_entry(draft=draft)
    case.do_not_call = barred
    case.save(update_fields=["do_not_call"])
    return appended.index


def place_contacts(entries: Sequence[Integrated]) -> None:
    """Contacts whose entries waited learn where these stand."""
    run_bound(
        "UPDATE origination_collectioncontact AS c SET entry_index = t.index"
        " FROM unnest(%b::uuid[], %b::bigint[]) AS t(rid, index)"
        " WHERE c.rid = t.rid AND c.entry_index IS NULL",
        [[entry.rid for entry in entries], [entry.index for entry in entries]],
    )


def _made_at(contact: Contact, now: datetime) -> datetime:
    """When a promise was made that waited on a phone: no longer ago than a signature may wait."""
    return min(now, max(contact.at, now - WAITS))


def _faults_beside_the_book(contact: Contact, lease: Lease | None) -> list[Fault]:
    if lease is None:
        return [Fault("lease_rid", "no_such_lease")]
    faults = []
    if contact.at.date() < lease.originated_on:
        faults.append(Fault("at", "before_lease"))
    if contact.corrects is not None:
        wrong = CollectionContact.objects.filter(rid=contact.corrects, lease=lease)
        if not wrong.exists():
            faults.append(Fault("corrects", "no_such_contact"))
        elif wrong.filter(corrected_by__isnull=False).exists():
            faults.append(Fault("corrects", "corrected_already"))
    return faults


def _breaches(contact: Contact, case: CollectionCase, rules: CollectionRules) -> list[Breach]:
    near = contact.at - timedelta(days=1), contact.at + timedelta(days=1)
    calls = CollectionContact.objects.filter(
        lease=case.lease_id, channel=Channel.CALL, inbound=False, at__range=near, corrected_by=None
    ).exclude(rid=contact.corrects)
    return breaches(
        contact,
        rules=rules,
        do_not_call=case.do_not_call,
        calls=list(calls.values_list("at", flat=True)),
    )


def _tell(case: CollectionCase) -> None:
    """The case says what its latest contact says that no other corrects."""
    own = CollectionContact.objects.filter(lease=case.lease_id, corrected_by=None)
    last = own.order_by("-at", "-recorded_at").first()
    if last is None:
        return
    case.last_contact_at, case.last_channel, case.last_outcome = last.at, last.channel, last.outcome
    if last.next_action_on or last.outcome != Outcome.PROMISED:
        case.next_action_on = last.next_action_on  # else the day after the promise stands
    case.save()


_BESIDE = {
    "no_such_lease": ("There is no such lease.", "Open the lease in the book."),
    "no_such_contact": (
        "There is no such contact of this lease.",
        "Correct a contact that stands on the lease's page.",
    ),
    "corrected_already": (
        "Another contact corrects this one already.",
        "Correct the newer one.",
    ),
}
_BROKEN = {
    Breach.HOURS: ("at", "Contacts are permitted from %(first)s:00 to %(last)s:00, Beijing time."),
    Breach.DO_NOT_CALL: ("channel", "This lessee is marked: no calls, no messages."),
    Breach.TOO_OFTEN: ("at", "%(calls)s calls a day are permitted; this is one more."),
}


def _invalid(faults: Sequence[Fault]) -> ContactInvalid:
    words = FAULTS | _BESIDE
    return ContactInvalid(
        errors=[FieldError(fault.field, fault.code, *words[fault.code]) for fault in faults]
    )


def _breach(breach: Breach, rules: CollectionRules) -> FieldError:
    field, detail = _BROKEN[breach]
    params = {"first": rules.first_hour, "last": rules.last_hour, "calls": rules.calls_a_day}
    return FieldError(field, breach.value, detail, "", params)
