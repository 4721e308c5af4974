"""What origination refuses, in words that its reader can act on."""

from tenants.problems import Invalid, NotFound, Problem, Refused


class LeaseInvalid(Invalid):
    code = "lease_invalid"
    title = "The lease has fields that need to be mended."


class NotATape(Invalid):
    code = "not_a_tape"
    title = "This file is no lease tape."
    mend = "Send a CSV, XLSX, Parquet or EX-102 XML file with a header and the fields of a lease."


class HalfAFile(Invalid):
    code = "half_a_file"
    title = "The file breaks off."
    mend = "Export it again and send the whole file; nothing of this one was kept."


class NotLines(Invalid):
    code = "not_lines"
    title = "This file does not hold the lines that are expected."
    mend = "Send a CSV (UTF-8) with a header line and these columns."


class TooLarge(Invalid):
    code = "too_large"
    title = "The file is too large."
    detail = "Unpacked it has more than %(limit)s MiB."
    mend = "Send it in parts, each with the header line."


class TapeKnown(Refused):
    code = "tape_known"
    title = "This very file was imported before."
    detail = "It was imported as %(name)s on %(day)s."
    mend = "Nothing needs to be done. A corrected tape has other bytes and can be imported."


class PaymentsInvalid(Invalid):
    code = "payments_invalid"
    title = "Some bank lines cannot be booked; none was."


class NoSuchLease(NotFound):
    code = "no_such_lease"
    title = "There is no such lease."


class AlreadyGranted(Refused):
    code = "already_granted"
    title = "This counterparty has access already."


class NotRelated(Refused):
    code = "not_related"
    title = "There is no relationship with this institution."
    mend = "Ask the platform's operator to set up the relationship first."


class PledgeDecided(Refused):
    code = "pledge_decided"
    title = "This pledge was decided before."


class AnswerTooLate(Refused):
    code = "answer_too_late"
    title = "The time for an answer is over; nothing was decided."
    detail = "The receivables were reserved for an answer until %(until)s."
    mend = "Have the institution that asks ask again. You can still refuse."


class AnswerUnclear(Problem):
    code = "answer_unclear"
    title = "The answer is neither yes nor no; nothing was decided."
    mend = "Press one of the two buttons."


class FinancingInvalid(Invalid):
    code = "financing_invalid"
    title = "The request has fields that need to be mended."


class CostAboveCap(Refused):
    """What the lessee pays in truth a year breaks a cap in force: no contract is made so."""

    code = "cost_above_cap"
    title = "What the lessee pays in truth is above the permitted cost."
    detail = (
        "The annual cost is %(figure)s; the rule “%(rule)s” (%(source)s), in force on %(on)s, "
        "permits %(limit)s."
    )
    mend = "Lower the rate, the fee or the deposit."


class LateChargeAboveCap(CostAboveCap):
    title = "The late charge is above the permitted cost."
    detail = (
        "The late charge is %(figure)s a year; the rule “%(rule)s” (%(source)s), in force on "
        "%(on)s, permits %(limit)s."
    )
    mend = "Lower the late charge."


class QuoteDiffers(Invalid):
    code = "quote_differs"
    title = "The quote that was signed is not what its inputs amount to."
    detail = "The server works out other figures, which the fields name."
    mend = "Reload the page, so that the phone has the rules in force, and sign the quote again."


class TapeBusy(Refused):
    code = "tape_busy"
    title = "This file is being worked on, or rows of it are in the book already."
    mend = "Open it on the page Tapes: stop it, or let it go on from where it stopped."


class TapeUnready(Refused):
    code = "tape_unready"
    title = "This file cannot be imported as it stands."
    mend = "Mend the rows that are named, or choose to keep the good ones, and check it again."


class ColumnsToConfirm(NotATape):
    code = "columns_to_confirm"
    title = "The columns of this file are not named as the fields of a lease."
    mend = "Confirm what each column is on the page Tapes, or name the source it is confirmed for."


class NotAStatement(Invalid):
    code = "not_a_statement"
    title = "This bank statement cannot be taken."
    mend = "Send the statement as the bank exports it: CSV with its headers, or CAMT.053 XML."


class LineDecided(Refused):
    code = "line_decided"
    title = "Somebody has decided about this line meanwhile."
    mend = "Look at the list again."


class PartsInvalid(Invalid):
    code = "parts_invalid"
    title = "The line cannot be booked like this."


class TermsInvalid(Invalid):
    code = "terms_invalid"
    title = "These terms of servicing cannot be used; the terms in force stay."


class ContactInvalid(Invalid):
    code = "contact_invalid"
    title = "The contact has fields that need to be mended."


class ContactNotPermitted(Refused):
    code = "contact_not_permitted"
    title = "Your rules of collecting do not permit this contact."
    mend = (
        "Do not make it. If it took place all the same, record it with the confirmation: it then "
        "stands as a breach. If the lessee began it, say so."
    )


class PromiseInvalid(Invalid):
    code = "promise_invalid"
    title = "This promise cannot be recorded."


class PromiseOpen(Refused):
    code = "promise_open"
    title = "A promise of this lease is open."
    detail = "%(amount)s is promised for %(day)s."
    mend = "Wait for its day, or withdraw it and say why."


class PromiseGone(Refused):
    code = "promise_gone"
    title = "This promise was withdrawn meanwhile."
    mend = "Look at the page again."


class AssignmentInvalid(Invalid):
    code = "assignment_invalid"
    title = "These leases cannot be assigned like this; none was."


class CollectionRulesInvalid(Invalid):
    code = "collection_rules_invalid"
    title = "These rules cannot be used; the rules in force stay."


class NothingToExport(Refused):
    code = "nothing_to_export"
    title = "There is no lease in the book yet."
    mend = "Record a lease or import a tape first."


class BookTooLarge(Refused):
    code = "book_too_large"
    title = "The book has more leases than a sheet has rows."
    detail = "A sheet holds %(limit)s."
    mend = "Export it as Parquet or CSV."


class NoSuchMove(Refused):
    """The state machine has no such way (`domain.life.machine`)."""

    code = "no_such_move"
    title = "The lease cannot make this move from where it stands."
    detail = "State: %(state)s. Move: %(move)s."
    mend = "Open the lease: its page shows the moves that there are."


class MovedMeanwhile(Refused):
    code = "moved_meanwhile"
    title = "Somebody else has moved this lease meanwhile; nothing was written."
    mend = "Open the lease again and look at its history."


class MoveInvalid(Invalid):
    code = "move_invalid"
    title = "This move cannot be made like this; nothing was written."


class NoSuchApplication(NotFound):
    code = "no_such_application"
    title = "There is no such application."


class FourEyes(Refused):
    """An application is approved by somebody who sent no version of it."""

    code = "four_eyes"
    title = "Somebody else has to approve this application."
    detail = "You sent a version of it yourself."
    mend = "Ask a colleague who decides applications."


class NoLimits(Refused):
    code = "no_limits"
    title = "Nobody may approve yet: no limits are set."
    detail = "There are none for %(currency)s on %(day)s."
    mend = "A manager sets them on the page Approval limits."


class AboveLimit(Refused):
    code = "above_limit"
    title = "This amount is above what you may approve."
    detail = "The financed amount is %(amount)s, you may approve up to %(limit)s."
    mend = "Who may: %(who)s."


class LimitsInvalid(Invalid):
    code = "limits_invalid"
    title = "These limits cannot be set; those in force stay."


class PaperInvalid(Invalid):
    code = "paper_invalid"
    title = "This paper cannot be noted like this; nothing was written."


class FilterInvalid(Invalid):
    code = "filter_invalid"
    title = "This filter cannot be saved."


class BulkInvalid(Invalid):
    code = "bulk_invalid"
    title = "This cannot be done to many at once."


class PreviewOver(Refused):
    code = "preview_over"
    title = "This preview is over."
    detail = "Too much time has passed since it was made: what it shows may have changed."
    mend = "Choose the rows again and look at a new preview."
