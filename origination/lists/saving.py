"""Saved filters: a person's own, and those that colleagues share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from origination.models import SavedFilter
from origination.problems import FilterInvalid
from tenants.access import people_named
from tenants.problems import FieldError

MOST = 50  # of one person
TYPED = "q"  # a name or number of somebody: it would outlive the record that it was found by


@dataclass(frozen=True)
class Saved:
    """A filter as a page shows it: its address behind the page's, and whose it is."""

    row: SavedFilter
    query: str
    owner: str
    is_own: bool


def saved_filters(person: UUID) -> list[Saved]:
    """A person's own, then the shared ones of others."""
    rows = list(SavedFilter.objects.filter(Q(owner=person) | Q(is_shared=True)))
    names = people_named({row.owner for row in rows})
    found = [
        Saved(row, urlencode(row.chosen), names.get(row.owner, "–"), row.owner == person)
        for row in rows
    ]
    return sorted(found, key=lambda one: not one.is_own)


@transaction.atomic
def save_filter(
    *, owner: UUID, name: str, chosen: Mapping[str, str], is_shared: bool, at: datetime
) -> SavedFilter:
    """Keep the chosen filters under a name; the same name of the same person is written over."""
    kept = {key: text for key, text in chosen.items() if key != TYPED}
    name = name.strip()
    if not name or not kept:
        detail, mend = "There is nothing to save.", "Choose a filter and write a name for it."
        raise FilterInvalid(errors=[FieldError("name", "nothing", detail, mend)])
    others = SavedFilter.objects.filter(owner=owner).exclude(name=name)
    if others.count() >= MOST:
        detail, mend = "You have saved %(most)s filters.", "Delete one of them first."
        raise FilterInvalid(errors=[FieldError("name", "too_many", detail, mend, {"most": MOST})])
    row, _made = SavedFilter.objects.update_or_create(
        owner=owner,
        name=name,
        defaults={"chosen": kept, "is_shared": is_shared, "saved_at": at},
    )
    return row


def drop_filter(*, rid: UUID, owner: UUID) -> bool:
    """Delete an own filter; False where there is none."""
    return bool(SavedFilter.objects.filter(rid=rid, owner=owner).delete()[0])
