"""Refusals between counterparties in words: what was found, and what either side does about it."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Words(NamedTuple):
    """Of one reason: its name, and what the sender and the receiver do."""

    title: object
    sender: object
    receiver: object


_RESENT = _("It is sent again by itself. If the refusal comes back, ask your operator.")
_GO_OVER = _(
    "It is sent again by itself. If the refusal comes back, press “Go over all of it” on the page "
    "Ledger: it names the first entry that somebody changed in your database. Then ask your "
    "operator."
)
_WAIT = _("Nothing of it was kept. The sender is told and sends again.")
_ASK = _("Call them: their system and yours disagree on what was written.")
WORDS = {
    "bad_format": Words(_("The parcel cannot be read"), _RESENT, _WAIT),
    "too_large": Words(
        _("The parcel is larger than any may be"),
        _("Ask your operator who else writes into the mailbox in your name."),
        _WAIT,
    ),
    "unknown_log": Words(
        _("The log is not the one that was agreed"),
        _("Your log key is new to them: they accept one only if your log announced it."),
        _("Call them: their ledger was begun anew, or somebody writes in their name."),
    ),
    "bad_checkpoint": Words(_("The log's signature does not hold"), _GO_OVER, _WAIT),
    "forked": Words(
        _("The log has two histories"),
        _("Stop writing: your database is not the one that signed before. Restore that one."),
        _(
            "Keep the evidence and call them. What is held here stays as it was; nothing more is "
            "taken or cosigned until somebody here decides."
        ),
    ),
    "convicted": Words(
        _("The log was convicted of two histories"),
        _("Show them which history is true: they take nothing more until they have decided."),
        _("Decide on this page whether the history that is held here counts."),
    ),
    "bad_proof": Words(_("The parcel does not lead to what was signed"), _GO_OVER, _WAIT),
    "gap": Words(_("Entries are missing before it"), _RESENT, _WAIT),
    "bad_entry": Words(
        _("An entry is not what may stand in the log"),
        _(
            "Press “Go over all of it” on the page Ledger, then look at the entry named here: an "
            "approved key must have signed it."
        ),
        _WAIT,
    ),
    "bad_payload": Words(_("A content is not the one that was signed"), _GO_OVER, _WAIT),
    "bad_items": Words(_("Items are not those of their batch"), _GO_OVER, _WAIT),
    "bad_keys": Words(
        _("The keys of the parcel do not open"),
        _("They no longer have the key it was sealed to; it is sealed anew by itself."),
        _("If your parcel key was lost, have your operator rotate it."),
    ),
    "bad_erasure": Words(
        _("It tells of an erasure that there is not"),
        _("Look at the entry named here: it must name an earlier entry of your log."),
        _ASK,
    ),
    "not_taken": Words(
        _("Proven, but it contradicts the receiver's books"),
        _("Compare the record named here with the counterparty."),
        _("Compare the record named here with the sender."),
    ),
    "unusable": Words(
        _("Proven, but nothing can be made of its content"),
        _("The entry named here lacks what its kind must have: call them, and mend what wrote it."),
        _("Nothing of it was kept. Call them: the entry named here lacks what its kind must have."),
    ),
    "stalled": Words(
        _("The log signed more than it sends"),
        _("Have your operator look at the job that sends: the rest must follow."),
        _ASK,
    ),
    "silent": Words(
        _("Nothing has come for long"),
        _("Have your operator look at the worker: a log sends a sign of life daily."),
        _("Call them: their system may stand still."),
    ),
}
_UNKNOWN = Words(_("Refused"), _ASK, _ASK)


def refusal_words(code: str) -> Words:
    """The words of a reason's code."""
    return WORDS.get(code, _UNKNOWN)
