"""The ledger's codes in words: kinds of entries, and what the verifier found altered."""

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.verifier.check import Lie

KINDS = {
    "device.enrolled": _("Key enrolled"),
    "device.approved": _("Key approved"),
    "device.revoked": _("Key revoked"),
    "log.key_rotated": _("Key of the ledger replaced"),
    "log.resumed": _("Gone on after a loss"),
    "payload.erased": _("Content erased"),
    "registry.root": _("Root of the title registry's map"),
    "lease.recorded": _("Lease recorded"),
    "quote.recorded": _("Quote recorded"),
    "application.recorded": _("Application sent"),
    "application.moved": _("Application moved on"),
    "approval.limits_set": _("Approval limits set"),
    "tape.imported": _("Tape imported"),
    "lease.moved": _("Lease moved on"),
    "lease.amended": _("Contract changed"),
    "lease.transferred": _("Lease passed to a new lessee"),
    "paper.noted": _("Paper of a vehicle noted"),
    "lease.reported": _("Leases reported on"),
    "reference.imported": _("Reference data imported"),
    "payments.batch": _("Bank lines"),
    "statement.imported": _("Bank statement imported"),
    "servicing.terms_set": _("Terms of servicing set"),
    "contact.recorded": _("Contact with a lessee recorded"),
    "contact.barred": _("Mark: not to be called"),
    "promise.made": _("Promise to pay"),
    "promise.withdrawn": _("Promise to pay withdrawn"),
    "collection.assigned": _("Overdue leases assigned"),
    "collection.rules_set": _("Rules of collecting set"),
    "telematics.batch": _("Trackers' reports"),
    "registry.searched": _("Outside registers searched"),
    "prices.observed": _("Prices of vehicles"),
    "grant.made": _("Access granted"),
    "grant.ended": _("Access ended"),
    "title.claimed": _("Right claimed"),
    "title.released": _("Right released"),
    "pledge.requested": _("Receivables asked for"),
    "pledge.perfected": _("Receivables taken"),
    "pledge.released": _("Receivables released"),
    "claim.withdrawn": _("Claims withdrawn"),
    "contest.opened": _("Contest opened"),
    "contest.answered": _("Contest answered"),
    "contest.withdrawn": _("Contest withdrawn"),
    "contest.decided": _("Contest decided"),
    "pledge.accepted": _("Request accepted"),
    "pledge.refused": _("Request refused"),
    "model.trained": _("Model trained"),
    "model.shadowed": _("Model began a shadow run"),
    "model.tested": _("Model tested"),
    "model.promoted": _("Model promoted"),
    "screening.completed": _("Assets screened"),
    "financing.requested": _("Financing asked for"),
    "diligence.closed": _("Due diligence closed"),
    "committee.decided": _("Committee decided"),
    "pool.packaged": _("Pool packaged"),
    "pool.cancelled": _("Pool given up"),
    "pool.purchased": _("Pool purchased"),
    "pool.disbursed": _("Pool paid out"),
    "units.subscribed": _("Units placed"),
    "distribution.made": _("Distribution made"),
    "trigger.fired": _("Trigger turned"),
    "asset.delinquent": _("Asset fell behind"),
    "document.issued": _("Document issued"),
}
#: Why a content was erased.
ERASURE_REASONS = {
    "subject_request": _("The person asked for it"),
    "retention_over": _("The time to keep it is over"),
    "recorded_in_error": _("It should not have been recorded"),
    "legal_order": _("A court or an authority ordered it"),
}
#: Parts of an export as the verifier names them.
PARTS = {
    "header": _("its first line"),
    "format": _("the form of the file"),
    "block": _("a block of entries"),
    "end": _("its last line"),
    "hash": _("its bytes"),
    "index": _("the list of keys and tapes"),
    "erased": _("what is said of an erasure"),
    "leaf": _("the entry itself"),
    "tenant_log": _("the log that it belongs to"),
    "fields_root": _("the fields that were signed"),
    "device": _("the key that it enrols"),
    "dev_sig": _("the signature"),
    "batch": _("its place in the signed tape"),
    "payload": _("the payload"),
    "fields": _("the fields that are shown"),
    "items": _("the items of the batch"),
    "checkpoint": _("the checkpoint"),
    "root": _("the registry's root"),
    "map": _("the proof of the map"),
}
_ENTRY = re.compile(r"(?:(after) )?entry (\d+)")
_CHECKPOINT = re.compile(r"checkpoint of (\d+) entries")


def erasure_reason(code: str) -> str:
    """Why a content was erased, in the active language, or its code."""
    return str(ERASURE_REASONS.get(code, code))


def kind_in_words(kind: str) -> str:
    """What an entry is, in the active language, or its code."""
    return str(KINDS.get(kind, kind))


def kinds_in_words() -> dict[str, str]:
    """Every kind of entry in the active language."""
    return {kind: str(words) for kind, words in KINDS.items()}


def lie_in_words(lie: Lie) -> str:
    """Where an export is not as it was signed, and in which part."""
    part = str(PARTS.get(lie.part, lie.part))
    return gettext("%(where)s: %(part)s is not as exported") % {
        "where": _place(lie.where),
        "part": part,
    }


def _place(where: str) -> str:
    if found := _ENTRY.fullmatch(where):
        template = gettext("after entry %(index)s") if found[1] else gettext("entry %(index)s")
        return template % {"index": f"{int(found[2]):,}"}
    if found := _CHECKPOINT.fullmatch(where):
        return gettext("checkpoint over %(count)s entries") % {"count": f"{int(found[1]):,}"}
    return gettext("the file")
