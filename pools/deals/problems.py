"""What the deal workflow refuses, in words that its reader can act on."""

from django.utils.translation import gettext_noop

from tenants.problems import Invalid, Refused


class DiligenceInvalid(Invalid):
    code = "diligence_invalid"
    title = gettext_noop("This answer cannot be kept.")


class RequestClosed(Refused):
    code = "request_closed"
    title = gettext_noop("The due diligence of this request was closed before.")


class DiligenceOpen(Refused):
    code = "diligence_open"
    title = gettext_noop("The due diligence cannot be cleared yet.")
    detail = gettext_noop("Open or failed: %(codes)s.")
    mend = gettext_noop("Answer every question, or decline the request.")


class FacilityInvalid(Invalid):
    code = "facility_invalid"
    title = gettext_noop("The facility has fields that need to be mended.")


class NotCleared(Refused):
    code = "not_cleared"
    title = gettext_noop("Only a request that passed its due diligence goes to the committee.")


class VoteInvalid(Invalid):
    code = "vote_invalid"
    title = gettext_noop("This vote cannot be counted.")


class AlreadyProposed(Refused):
    code = "facility_already_proposed"
    title = gettext_noop("This request has a facility already.")
    detail = gettext_noop("It is before the committee, or was approved.")
    mend = gettext_noop("Wait for the vote; for more money the lessor asks again.")


class VoteRefused(Refused):
    code = "vote_refused"
    title = gettext_noop("You cannot vote on this facility.")


class PackagingRefused(Refused):
    code = "packaging_refused"
    title = gettext_noop("No pool can be packaged under this facility now.")


class WrongState(Refused):
    code = "wrong_state"
    title = gettext_noop("This step does not fit the state that the pool is in.")
    detail = gettext_noop("The pool is in the state “%(state)s”.")
    mend = gettext_noop("Look at the pool again: somebody may have been faster.")


class SamePerson(Refused):
    code = "same_person"
    title = gettext_noop("Nobody approves what he made, and nobody says yes twice.")
    mend = gettext_noop("Ask a colleague who has the right to do it.")


class AssetsTaken(Refused):
    code = "assets_taken"
    title = gettext_noop("Some of these receivables are no longer free.")
    detail = gettext_noop("%(count)s of them cannot be reserved.")
    mend = gettext_noop(
        "Cancel this pool and package another one: it will leave them out. The pool's page names"
        " them, to contest them."
    )


class NotAccepted(Refused):
    code = "not_accepted"
    title = gettext_noop("Not every lessor has accepted yet.")


class RightsNotOurs(Refused):
    code = "rights_not_ours"
    title = gettext_noop("By its last proof somebody else holds some of these receivables.")
    detail = gettext_noop("%(count)s of them: %(contracts)s.")
    mend = gettext_noop(
        "Ask for a new proof on the pool's page, Proofs. If it says the same, contest the rights,"
        " or give the pool up."
    )


class TitleAnswersFalse(Refused):
    code = "title_answers_false"
    title = gettext_noop("The title registry's last answer about these receivables did not hold.")
    detail = gettext_noop("%(count)s of them: %(contracts)s.")
    mend = gettext_noop(
        "Look at the alarm on Ledger, Title registry. A proof of a later epoch that holds, asked"
        " for on the pool's page, opens the purchase again."
    )


class CashInvalid(Invalid):
    code = "cash_invalid"
    title = gettext_noop("The payment has fields that need to be mended.")
