"""What the map refuses, in words that its reader can act on."""

from ledger.reasons import Reason
from tenants.problems import NotFound, Refused


class Unnamed(Refused):
    code = "rights_unnamed"
    title = "The map of held rights cannot be sealed."
    detail = "The registry has no identifier of %(count)s held rights."
    mend = (
        "Have their claimants send the identifiers again: manage.py rotate_title_key resubmit. "
        "A map without them would show as free what is held."
    )


class NoEpochYet(Refused):
    code = "no_epoch_yet"
    title = "There is no epoch to prove anything by yet."
    detail = "No root of the title registry's map stands on this ledger under a checkpoint."
    mend = "Wait for the next epoch and its checkpoint, and ask again."


class NoEpochToHandOver(Refused):
    code = "no_epoch_to_hand_over"
    title = "The map's keys cannot be replaced yet; nothing was changed."
    detail = "No epoch was sealed, in which they could hand over."
    mend = "Wait until a right is held and manage.py seal_titles has sealed the first epoch."


class IndexKeyGone(Refused):
    code = "title_index_key_gone"
    title = "No proof can be made for this epoch any more."
    detail = "The key that drew the places of epoch %(epoch)s was replaced and destroyed."
    mend = "Wait until a newer epoch stands on this ledger under a checkpoint, and ask again."


class NotScreened(NotFound):
    code = "title_not_screened"
    title = "No proof is given of this right."
    detail = "This institution neither claimed the right nor looks at the lease that claims it."
    mend = "Ask for leases that you recorded, hold, or were asked to finance."


class AskedTooOften(Refused):
    code = "title_asked_too_often"
    title = "Too many proofs were asked for."
    detail = (
        "An institution may ask %(limit)s times within %(window)s minutes, and for %(daily)s "
        "rights within a day."
    )
    mend = "Ask again later. Each proof that was made stays on the page of its lease or pool."


class TooManyAtOnce(Refused):
    code = "title_too_many_at_once"
    title = "Too many rights for one proof."
    detail = "A file proves at most %(limit)s rights."
    mend = "Ask for the leases one by one."


class ProofDoesNotHold(Refused):
    code = "title_proof_broken"
    title = "The registry's proof does not hold."
    detail = "%(reason)s."
    mend = (
        "Do not rely on the registry's word, and do not purchase. Tell the platform's operators "
        "and your counterparties."
    )

    def __init__(self, epoch: int, reason: str) -> None:
        super().__init__(params={"reason": Reason(reason)})
        self.epoch = epoch
