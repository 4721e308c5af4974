"""What the fields of the collections desk's entries are called on the ledger's pages."""

from django.utils.translation import gettext_lazy as _

from ledger.field_words import FieldWords, Form
from origination.wording_collections import CHANNELS, OUTCOMES

_LEASE = {"lease_rid": _("Lease")}
_YES = {"true": _("Yes"), "false": _("No")}

WORDS = (
    FieldWords(
        kinds=("contact.recorded",),
        labels=_LEASE
        | {
            "channel": _("Kind of contact"),
            "outcome": _("Outcome"),
            "at": _("Time"),
            "inbound": _("Lessee began it"),
            "note": _("Note"),
            "place": _("Place"),
            "latitude": _("Latitude"),
            "longitude": _("Longitude"),
            "next_action_on": _("Next action on"),
            "promised_minor": _("Amount promised"),
            "promised_on": _("Promised for"),
            "corrects": _("Corrects the contact"),
            "recorded_by": _("Recorded by"),
        },
        codes={
            "channel": {code.value: word for code, word in CHANNELS.items()},
            "outcome": {code.value: word for code, word in OUTCOMES.items()},
            "inbound": _YES,
        },
    ),
    FieldWords(
        kinds=("contact.barred",),
        labels=_LEASE
        | {
            "barred": _("Not to be called"),
            "reason": _("Reason"),
            "recorded_by": _("Recorded by"),
        },
        codes={"barred": _YES},
    ),
    FieldWords(
        kinds=("promise.made", "promise.withdrawn"),
        labels=_LEASE
        | {
            "amount_minor": _("Amount"),
            "currency": _("Currency"),
            "due_on": _("Promised for"),
            "grace_days": _("Days of grace"),
            "days_past_due": _("Days past due then"),
            "owed_minor": _("Owed then"),
            "made_with": _("Taken with"),
            "made_at": _("Made at"),
            "contact": _("The contact"),
            "promise": _("The promise"),
            "reason": _("Reason"),
            "withdrawn_by": _("Withdrawn by"),
        },
        forms={"grace_days": Form.WHOLE, "days_past_due": Form.WHOLE},
    ),
    FieldWords(
        kinds=("collection.assigned",),
        labels={
            "leases": _("Leases"),
            "assigned_by": _("Assigned by"),
            "lease": _("Lease"),
            "assigned_to": _("Assigned to"),
        },
        forms={"leases": Form.WHOLE},
    ),
    FieldWords(
        kinds=("collection.rules_set",),
        labels={"rules": _("Rules of collecting"), "set_by": _("Set by")},
    ),
)
