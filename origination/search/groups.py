"""The groups of results: what they are called, who may see them, how they are found."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from origination.domain.asking import Asked
from origination.search import finders, records
from origination.search.hits import Finder, Hit
from tenants.permissions import Permission

PER_GROUP = 6


@dataclass(frozen=True)
class Group:
    """`permission` is that of the pages that its hits lead to."""

    label: Promise
    icon: str
    permission: Permission
    find: Finder


GROUPS = (
    Group(_("Leases"), "layers", Permission.VIEW_LEASES, finders.leases),
    Group(_("Customers"), "users", Permission.VIEW_LEASES, finders.customers),
    Group(_("Vehicles"), "car", Permission.VIEW_LEASES, finders.vehicles),
    Group(_("Applications"), "inbox", Permission.VIEW_LEASES, finders.applications),
    Group(_("Quotes"), "document", Permission.VIEW_LEDGER, records.quotes),
    Group(_("Bank lines"), "coins", Permission.VIEW_LEASES, records.payments),
    Group(_("Lines of statements"), "coins", Permission.RECORD_PAYMENTS, records.statement_lines),
    Group(_("Vehicle papers"), "document", Permission.VIEW_LEASES, records.papers),
    Group(_("Tapes"), "table", Permission.VIEW_LEASES, records.tapes),
    Group(_("Bank statements"), "inbox", Permission.VIEW_LEASES, records.statements),
    Group(_("Ledger entries"), "tree", Permission.VIEW_LEDGER, records.entries),
)


@dataclass(frozen=True)
class Found:
    """The hits of a group, the best first; `has_more` where not all are shown."""

    group: Group
    hits: list[Hit]
    has_more: bool


def search(asked: Asked, *, held: frozenset[Permission], per_group: int = PER_GROUP) -> list[Found]:
    """What a person who holds these permissions may find, by group; empty groups are left out."""
    personal, found = Permission.VIEW_PAYLOADS in held, []
    for group in GROUPS:
        if asked.text and group.permission in held:
            hits = group.find(asked, personal, per_group)
            if hits:
                found.append(Found(group, hits[:per_group], len(hits) > per_group))
    return found
