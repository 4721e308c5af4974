"""Who is at work on which lease: assigned in bulk, one entry for all of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ledger.services import append_batch
from origination.models import CollectionCase, Lease
from origination.problems import AssignmentInvalid
from origination.services.collections.cases import held_cases
from tenants.access import holders_among
from tenants.context import current_tenant
from tenants.permissions import Permission
from tenants.problems import FieldError

#: Leases that one assignment holds.
MOST = 2000


@dataclass(frozen=True)
class Assignment:
    """A lease and whose it becomes; nobody's, where `to` is None."""

    rid: UUID
    to: UUID | None


@dataclass(frozen=True)
class Assigned:
    """How many leases changed hands, and the place of the entry that says so."""

    changed: int
    entry_index: int | None


def assign_leases(*, assignments: Sequence[Assignment], by: UUID, at: datetime) -> int:
    """`assign_in_one_entry`; answers how many changed hands."""
    return assign_in_one_entry(assignments=assignments, by=by, at=at).changed


@transaction.atomic
def assign_in_one_entry(*, assignments: Sequence[Assignment], by: UUID, at: datetime) -> Assigned:
    """Assign these leases, all of them or none.

    Raises `AssignmentInvalid` where there is none or too many, a lease is not in the book or a
    person does not collect here.
    """
    rids = {one.rid for one in assignments}
    errors = _errors(assignments, rids)
    if errors:
        raise AssignmentInvalid(errors=errors)
    cases = held_cases(rids)
    changed = [one for one in assignments if cases[one.rid].assigned_to != one.to]
    if not changed:
        return Assigned(0, None)
    appended = append_batch(
        kind="collection.assigned",
        rid=uuid.uuid4(),
        fields={"leases": str(len(changed)), "assigned_by": str(by)},
        # not `lease_rid`: items by that name travel to whoever may read the lease
        items={
            "lease": [str(one.rid) for one in changed],
            "assigned_to": [str(one.to or "") for one in changed],
        },
        at=at,
    )
    for one in changed:
        cases[one.rid].assigned_to, cases[one.rid].assigned_at = one.to, at
    rows = [cases[one.rid] for one in changed]
    CollectionCase.objects.bulk_update(rows, ["assigned_to", "assigned_at"], batch_size=500)
    return Assigned(len(changed), appended.index)


def _errors(assignments: Sequence[Assignment], rids: set[UUID]) -> list[FieldError]:
    if not assignments:
        return [FieldError("leases", "missing", "No lease is chosen.", "Choose one or more.")]
    if len(assignments) > MOST:
        mend = "Assign them in several steps."
        detail = "These are more than %(most)s leases."
        return [FieldError("leases", "too_many", detail, mend, {"most": MOST})]
    errors = []
    if len(rids) < len(assignments):
        mend = "Name each lease once."
        errors.append(FieldError("leases", "duplicate", "A lease stands there twice.", mend))
    missing = rids - set(Lease.objects.filter(rid__in=rids).values_list("rid", flat=True))
    if missing:
        detail, mend = "There is no lease %(rid)s.", "Look at the list again."
        params = {"rid": str(min(missing))}
        errors.append(FieldError("leases", "no_such_lease", detail, mend, params))
    people = {one.to for one in assignments if one.to is not None}
    if people - holders_among(people, current_tenant(), Permission.COLLECT):
        detail = "This person does not collect at your institution."
        mend = "Choose one of those that the form offers."
        errors.append(FieldError("people", "does_not_collect", detail, mend))
    return errors
