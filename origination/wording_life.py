"""States and moves of a lease's life in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from origination.domain.life.machine import Move, State
from tenants.permissions import Role
from tenants.problems import Translate

#: state → (tone of its pill, words)
STATES = {
    State.NONE: ("neutral", _("Nothing yet")),
    State.APPLICATION: ("info", _("Application")),
    State.QUESTIONED: ("warning", _("Back with questions")),
    State.APPROVED: ("success", _("Approved")),
    State.CONTRACT: ("info", _("Contract signed")),
    State.DECLINED: ("danger", _("Declined")),
    State.WITHDRAWN: ("neutral", _("Withdrawn")),
    State.ACTIVE: ("success", _("Active")),
    State.EARLY_SETTLED: ("neutral", _("Settled early")),
    State.TURNED_IN: ("warning", _("Turned in")),
    State.REPOSSESSED: ("danger", _("Repossessed")),
    State.WRITTEN_OFF: ("danger", _("Written off")),
    State.CLOSED: ("neutral", _("Lease closed")),
}
#: what a person does
MOVES = {
    Move.APPLY: _("Apply"),
    Move.ASK: _("Send back with questions"),
    Move.REVISE: _("Send a new version"),
    Move.APPROVE: _("Approve"),
    Move.DECLINE: _("Decline"),
    Move.WITHDRAW: _("Withdraw"),
    Move.SIGN: _("Record the signed contract"),
    Move.ACTIVATE: _("Activate"),
    Move.EXTEND: _("Extend"),
    Move.CHANGE_RATE: _("Change the rate"),
    Move.CHANGE_DUE_DAY: _("Change the due day"),
    Move.PAUSE: _("Grant a payment holiday"),
    Move.RESTRUCTURE: _("Restructure"),
    Move.TRANSFER: _("Transfer to a new lessee"),
    Move.SETTLE: _("Record the early settlement"),
    Move.REINSTATE: _("Let it run again"),
    Move.TURN_IN: _("Turn the vehicle in"),
    Move.REPOSSESS: _("Repossess the vehicle"),
    Move.HAND_BACK: _("Hand the vehicle back"),
    Move.ASK_WRITE_OFF: _("Ask for a write-off"),
    Move.DROP_WRITE_OFF: _("Give the write-off up"),
    Move.WRITE_OFF: _("Write off"),
    Move.CLOSE: _("Close the lease"),
}
#: what was done
DONE = {
    None: _("Recorded as an active lease"),
    Move.APPLY: _("Applied for"),
    Move.ASK: _("Sent back with questions"),
    Move.REVISE: _("New version"),
    Move.APPROVE: pgettext_lazy("a move", "Approved"),
    Move.DECLINE: pgettext_lazy("a move", "Declined"),
    Move.WITHDRAW: pgettext_lazy("a move", "Withdrawn"),
    Move.SIGN: _("Contract signed"),
    Move.ACTIVATE: _("Activated"),
    Move.EXTEND: _("Extended"),
    Move.CHANGE_RATE: _("Rate changed"),
    Move.CHANGE_DUE_DAY: _("Due day changed"),
    Move.PAUSE: _("Payment holiday granted"),
    Move.RESTRUCTURE: _("Restructured"),
    Move.TRANSFER: _("Transferred to a new lessee"),
    Move.SETTLE: _("Settled early"),
    Move.REINSTATE: _("Runs again"),
    Move.TURN_IN: _("Vehicle turned in"),
    Move.REPOSSESS: _("Vehicle repossessed"),
    Move.HAND_BACK: _("Vehicle handed back"),
    Move.ASK_WRITE_OFF: _("Write-off asked for"),
    Move.DROP_WRITE_OFF: _("Write-off given up"),
    Move.WRITE_OFF: _("Written off"),
    Move.CLOSE: _("Lease closed"),
}
#: what a move means, for the person who is about to make it
MEANS = {
    Move.ASK: _(
        "The officer answers, corrects what is wrong and sends a new version. Both stay on record."
    ),
    Move.APPROVE: _(
        "You approve this version and no other. Whoever sent a version cannot approve it, and the"
        " financed amount must be within the limit of your role."
    ),
    Move.DECLINE: _("The application is over. Another one can be sent."),
    Move.WITHDRAW: _(
        "The application is over, because the lessee or the officer wants it no more."
    ),
    Move.SIGN: _(
        "The lessee has signed the contract of the version that was approved. The file stays with"
        " you: its hash goes on the ledger, so that it can be shown to be the one."
    ),
    Move.ACTIVATE: _(
        "The vehicle is delivered. The lease is recorded as it was approved and signed, and the"
        " rights on the vehicle are claimed; from now on it lives in the book."
    ),
    Move.EXTEND: _(
        "The principal that is left is repaid over more months, at the rate that was agreed."
        " Rentals that have fallen due by the day stay as they are."
    ),
    Move.CHANGE_RATE: _(
        "Rentals that fall due after the day are worked out anew at the new rate. A rate above a"
        " cap in force is refused."
    ),
    Move.CHANGE_DUE_DAY: _("Rentals fall due on another day of the month; their amounts stay."),
    Move.PAUSE: _(
        "For some months no principal falls due, and all that follows is due so much later."
    ),
    Move.RESTRUCTURE: _(
        "Several changes agreed at once: more months, another rate, another due day, a holiday."
        " What is left out stays."
    ),
    Move.TRANSFER: _(
        "Somebody else owes the lease from this day on, with everything that is still to come."
        " Nothing may be past due. What was recorded stays on the ledger with the first lessee."
    ),
    Move.SETTLE: _(
        "A settlement was booked and covers all that was owed on its day. Nothing falls due any"
        " more. The rights on the vehicle stay claimed until the lease is closed."
    ),
    Move.REINSTATE: _("The bank took the settlement back. The lease runs on as if it never came."),
    Move.TURN_IN: _(
        "The lessee has brought the vehicle back. What is owed is still owed; the lease is closed"
        " once nothing is owed, or written off."
    ),
    Move.REPOSSESS: _(
        "The vehicle was taken back because rentals are past due. The lessee may still pay and get"
        " it back, or settle the lease."
    ),
    Move.HAND_BACK: _("The arrears are paid: the lessee has the vehicle again, the lease runs on."),
    Move.ASK_WRITE_OFF: _(
        "A manager who is not you decides. Nothing of the lease changes until then; if it is moved"
        " in any other way before, the request is void."
    ),
    Move.DROP_WRITE_OFF: _("The request is over. The lease stays as it is."),
    Move.WRITE_OFF: _(
        "What is still owed is given up in the books, to the cent as of the day. The lessee owes it"
        " all the same, and recoveries are booked as before."
    ),
    Move.CLOSE: _(
        "The lease is over for good. Its claims on the vehicle are withdrawn, unless somebody else"
        " holds a right on it; the vehicle may be leased and pledged anew."
    ),
}
#: those who decide applications
ROLES = {
    Role.LESSOR_BACK_OFFICE: _("Lessor back office"),
    Role.LESSOR_MANAGER: _("Lessor manager"),
}
FACTS = {
    "version": _("Version"),
    "question": _("Questions"),
    "answer": _("Answer"),
    "amount_minor": _("Financed amount"),
    "limit_minor": _("Limit of who approved"),
    "contract_sha256": _("Hash of the signed contract"),
    "place": _("Place"),
    "odometer_km": _("Odometer, km"),
    "reason": _("Reason"),
    "condition": _("Condition of the vehicle"),
    "vehicle": _("What became of the vehicle"),
    "claim_minor": _("Owed on that day"),
    "days_past_due": _("Days past due"),
    "months": _("Months added"),
    "annual_nominal_rate": _("Annual nominal rate"),
    "due_day": _("Due day of the month"),
    "holiday_months": _("Months of the holiday"),
    "holiday_interest": _("Interest of these months"),
    "lessee_kind": _("Kind of lessee"),
    "lessee_name": _("New lessee"),
    "lessee_id_number": _("Identity number"),
    "lessee_phone": _("Telephone"),
    "rent_minor": _("Rental from then on"),
    "maturity_on": _("Matures then"),
}
#: Shown to those alone who may read payloads.
PERSONAL = ("lessee_id_number", "lessee_phone")
CODES = {
    "lessee_kind": {"person": _("Person"), "company": _("Company")},
    "condition": {
        "good": _("Good"),
        "worn": _("Worn beyond its age"),
        "damaged": _("Damaged"),
        "not_driving": _("Does not drive"),
    },
    "holiday_interest": {
        "deferred": _("Due with the first rental after them"),
        "paid": _("Paid month by month"),
        "waived": _("Waived"),
    },
    "vehicle": {
        "lessee": _("Became the lessee's"),
        "sold": pgettext_lazy("a vehicle", "Sold"),
        "stock": _("Back in stock"),
        "lost": pgettext_lazy("a vehicle", "Lost"),
    },
}


@dataclass(frozen=True)
class Words:
    """A state or a move inside a refusal, in its reader's language."""

    said: str | Promise

    def worded(self, translate: Translate) -> str:
        return str(self.said)


def state_words(state: State) -> Words:
    """What a state is called."""
    return Words(STATES[state][1])


def move_words(move: Move) -> Words:
    """What a person calls a move."""
    return Words(MOVES[move])


@dataclass(frozen=True)
class RoleWords:
    """Roles inside a refusal, in its reader's language."""

    roles: tuple[Role, ...]

    def worded(self, translate: Translate) -> str:
        words = [str(ROLES[role]) for role in self.roles]
        return ", ".join(words) or str(_("nobody; a manager raises the limits"))
