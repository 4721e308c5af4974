"""Writes of the collections desk: each is one transaction with its ledger entry."""

from origination.services.collections.assigning import (
    Assignment,
    assign_in_one_entry,
    assign_leases,
)
from origination.services.collections.contacts import (
    bar_calls,
    contact_draft,
    place_contacts,
    record_contact,
)
from origination.services.collections.promises import make_promise, withdraw_promise
from origination.services.collections.rules import set_collection_rules

__all__ = [
    "Assignment",
    "assign_in_one_entry",
    "assign_leases",
    "bar_calls",
    "contact_draft",
    "make_promise",
    "place_contacts",
    "record_contact",
    "set_collection_rules",
    "withdraw_promise",
]
