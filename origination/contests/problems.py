"""What the procedure refuses."""

from tenants.problems import Invalid, NotFound, Refused


class ContestInvalid(Invalid):
    code = "contest_invalid"
    title = "Some fields need to be mended."


class TooManyContests(Refused):
    code = "too_many_contests"
    title = "Your institution has as many open contests as one may have."
    mend = "Wait for a decision, or withdraw one of them."


class ContestClosed(Refused):
    code = "contest_closed"
    title = "This contest is closed."


class AnswerTooLate(Refused):
    code = "answer_too_late"
    title = "The time for an answer is over, or it was given before."
    mend = "Write to the platform's operator."


class NotYetDecidable(Refused):
    code = "not_yet_decidable"
    title = "This contest cannot be decided yet."
    mend = "Wait for the answers, or for their deadline."


class NoProposal(Refused):
    code = "no_such_proposal"
    title = "This is not what was proposed."
    mend = "Look at the case again: somebody may have proposed something else."


class ProposedByYou(Refused):
    code = "four_eyes"
    title = "You proposed this decision yourself."
    mend = "Let another operator confirm it."


class NoSuchContest(NotFound):
    code = "no_such_contest"
    title = "There is no such contest here."
