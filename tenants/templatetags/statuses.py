"""States that a pill can show, tone and words: one table, so that they look alike everywhere."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: code → (tone, label). A code that is not here is shown as it is, in the neutral tone.
STATUSES: Final[dict[str, tuple[str, Promise]]] = {
    # life of a record or device
    "draft": ("neutral", _("Draft")),
    "pending": ("warning", _("Pending")),
    "submitted": ("info", _("Submitted")),
    "approved": ("success", _("Approved")),
    "refused": ("danger", _("Refused")),
    "revoked": ("danger", _("Revoked")),
    "active": ("success", _("Active")),
    "inactive": ("neutral", _("Inactive")),
    "queued": ("info", _("Queued")),
    "running": ("info", _("Running")),
    "done": ("success", _("Done")),
    "failed": ("danger", _("Failed")),
    # leases and payments
    "recorded": ("success", _("Recorded")),
    "current": ("success", _("Current")),
    "delinquent": ("warning", _("Delinquent")),
    "defaulted": ("danger", _("Defaulted")),
    "matured": ("neutral", _("Matured")),
    "prepaid": ("neutral", _("Prepaid")),
    "settled": ("neutral", _("Settled")),
    "reversed": ("warning", _("Reversed")),
    # title
    "claimed": ("info", _("Claimed")),
    "reserved": ("warning", _("Reserved")),
    "pledged": ("success", _("Pledged")),
    "sold": ("success", _("Sold")),
    "released": ("neutral", _("Released")),
    "clear": ("success", _("Clear")),
    "encumbered": ("danger", _("Encumbered")),
    # ledger
    "verified": ("success", _("Verified")),
    "unverified": ("warning", _("Not verified")),
    "sealed": ("success", _("Sealed")),
    "broken": ("danger", _("Broken")),
    # pools and models
    "eligible": ("success", _("Eligible")),
    "ineligible": ("neutral", _("Not eligible")),
    "packaged": ("info", _("Packaged")),
    "purchased": ("success", _("Purchased")),
    "candidate": ("info", _("Candidate")),
    "promoted": ("success", _("Promoted")),
    "retired": ("neutral", _("Retired")),
    # deals
    "sent": ("info", _("Sent")),
    "received": ("info", _("Received")),
    "cleared": ("success", _("Diligence done")),
    "declined": ("danger", _("Declined")),
    "voting": ("warning", _("Before the committee")),
    "proposed": ("info", _("Proposed")),
    "requested": ("warning", _("Asked for")),
    "accepted": ("success", _("Accepted")),
    "perfected": ("success", _("Perfected")),
    "disbursed": ("success", _("Paid out")),
    "cancelled": ("neutral", _("Cancelled")),
    # contests
    "contest_open": ("info", _("Under way")),
    "upheld": ("success", _("Upheld")),
    "dismissed": ("neutral", _("Dismissed")),
    "withdrawn": ("neutral", _("Withdrawn")),
    "asked": ("warning", _("Waits for an answer")),
    "answered": ("success", _("Answered")),
    "lapsed": ("danger", _("Not answered in time")),
    "question_closed": ("neutral", _("Closed without an answer")),
    # alerts
    "open": ("danger", _("Open")),
    "acknowledged": ("warning", _("Acknowledged")),
    "closed": ("neutral", _("Closed")),
    "ended": ("neutral", _("Closed by itself")),
    "passed": ("success", _("Passed")),
    "within": ("success", _("Within the limit")),
    "breached": ("danger", _("Limit breached")),
}


def tone_of(code: str) -> str:
    """One of neutral, info, success, warning, danger."""
    known = STATUSES.get(code)
    return known[0] if known else "neutral"


def label_of(code: str) -> str:
    """The translated words of a state, or the code itself."""
    known = STATUSES.get(code)
    return str(known[1]) if known else code
