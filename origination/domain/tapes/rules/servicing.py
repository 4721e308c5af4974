"""What the servicer reports: balance, arrears, days and state beside each other and the terms."""

from typing import Final

import polars as pl

from origination.domain.tapes.reported import OVER
from origination.domain.tapes.reported import gettext_noop as _n
from origination.domain.tapes.rules.shape import E, N, Rule, W, months

_balance, _arrears, _days = (
    pl.col("balance_minor"),
    pl.col("arrears_minor"),
    pl.col("days_past_due"),
)
_left, _term, _more = pl.col("remaining_months"), pl.col("term_months"), pl.col("extended_months")
_told, _status, _ended = pl.col("reported_on"), pl.col("status"), pl.col("ended_on")
_begun, _first, _over = pl.col("originated_on"), pl.col("first_payment_on"), pl.col("maturity_on")
_paid, _through, _next = (
    pl.col("paid_total_minor"),
    pl.col("paid_through_on"),
    pl.col("next_due_on"),
)
_financed, _rent = pl.col("financed_amount_minor"), pl.col("rent_minor")
_lost, _back = pl.col("charged_off_minor"), pl.col("recovered_minor")
_is_over, _runs = _status.is_in(OVER), _status.is_in(["active", "overdue", "extended"])
_STATE: Final = _n("Correct the state, or the figure.")
_DAYS: Final = _n("Compare the days with the payment plan.")
_BANK: Final = _n("Compare with the bank lines.")

RULES: Final = (
    Rule("reported_in_future", E, "reported_on", _told > pl.col("today"),
         _n("The report is of a day that has not come."), _n("Write the day of the figures.")),
    Rule("reported_before_lease", E, "reported_on", _told < _begun,
         _n("The report is of a day before the lease began."), _n("Write the day of the figures.")),
    Rule("balance_above_financed", W, "balance_minor", _balance > _financed,
         _n("More is owed than was financed."),
         _n("Write the principal without interest to come; check the unit.")),
    Rule("settled_with_balance", E, "balance_minor", (_status == "settled") & (_balance > 0),
         _n("The lease is settled, and something is owed."), _STATE),
    Rule("runs_without_balance", W, "balance_minor", _runs & (_balance == 0) & (_left > 0),
         _n("The lease runs on and nothing is owed."), _STATE),
    Rule("over_with_arrears", W, "arrears_minor", (_status == "settled") & (_arrears > 0),
         _n("The lease is settled, and rents are late."), _STATE),
    Rule("arrears_above_balance", W, "arrears_minor", (_arrears > _balance * 2) & (_balance > 0),
         _n("More is late than twice what is owed."),
         _n("Check that arrears and balance are in the same unit.")),
    Rule("overdue_without_days", W, "days_past_due", (_status == "overdue") & (_days == 0),
         _n("The lease is overdue by no day."), _STATE),
    Rule("active_but_late", W, "status", (_status == "active") & (_days > 30),
         _n("The lease is said to be in order and is late by more than thirty days."), _STATE),
    Rule("days_without_arrears", W, "arrears_minor", (_days > 0) & (_arrears == 0),
         _n("The lease is late, and nothing is."), _STATE),
    Rule("arrears_without_days", W, "days_past_due", (_arrears > 0) & (_days == 0),
         _n("Rents are late by no day."), _STATE),
    Rule("days_above_life", E, "days_past_due", _days > (_told - _first).dt.total_days() + 1,
         _n("The lease is late by more days than have passed since its first payment."), _DAYS),
    Rule("remaining_above_term", E, "remaining_months", _left > _term + _more.fill_null(0),
         _n("More months remain than the term has."),
         _n("Write the extension in its own field, or correct the months.")),
    Rule("remaining_after_maturity", W, "remaining_months",
         (_left > 0) & (_told > _over) & _more.is_null(),
         _n("Months remain after maturity, and nothing was extended."),
         _n("Write the extension, or no remaining months.")),
    Rule("remaining_unlike_dates", W, "remaining_months",
         ((months(_told, _over).clip(lower_bound=0) + _more.fill_null(0) - _left).abs() > 2)
         & ~_is_over.fill_null(False),
         _n("The remaining months do not lead from the report to maturity."), _DAYS),
    Rule("paid_through_after_maturity", W, "paid_through_on", (_through > _over) & _more.is_null(),
         _n("Rents are paid through a day after maturity."), _DAYS),
    Rule("paid_through_before_lease", W, "paid_through_on", _through < _begun,
         _n("Rents are paid through a day before the lease began."), _DAYS),
    Rule("paid_through_unlike_days", W, "paid_through_on",
         (_days == 0) & ((_told - _through).dt.total_days() > 62),
         _n("Nothing is late, and the last paid rent is two months back."), _STATE),
    Rule("next_due_passed", W, "next_due_on", (_next < _told) & (_days == 0) & _runs,
         _n("The next rent was due before the report, and nothing is late."), _DAYS),
    Rule("next_due_after_maturity", W, "next_due_on", (_next > _over) & _more.is_null(),
         _n("The next rent is due after maturity."), _DAYS),
    Rule("paid_above_owed", W, "paid_total_minor",
         _paid * 10 > (_rent * _term + pl.col("residual_minor")) * 12,
         _n("More was paid than all rents with a fifth on top."), _BANK),
    Rule("principal_vanished", W, "balance_minor",
         ((_balance + _paid) * 100 < _financed * 97) & _lost.fill_null(0).eq(0) & ~_is_over,
         _n("Balance and payments together are less than what was financed."), _BANK),
    Rule("ended_before_lease", E, "ended_on", _ended < _begun,
         _n("The lease ended before it began."), _DAYS),
    Rule("ended_after_report", W, "ended_on", _ended > _told,
         _n("The lease ended after the day of the report."), _DAYS),
    Rule("ended_and_running", W, "status", _runs & _ended.is_not_null(),
         _n("The lease has ended, and runs on."), _STATE),
    Rule("over_without_end", N, "ended_on", _is_over & _ended.is_null(),
         _n("The lease is over, and no day says since when."), _n("Write the day of its end.")),
    Rule("charged_off_running", W, "status", (_lost > 0) & _runs,
         _n("Something is charged off of a lease that runs on."), _STATE),
    Rule("charged_off_above_financed", W, "charged_off_minor", _lost > _financed,
         _n("More is charged off than was financed."), _n("Check the unit.")),
    Rule("written_off_nothing", W, "charged_off_minor",
         (_status == "written_off") & _lost.fill_null(0).eq(0),
         _n("The lease is written off, and no amount says how much."), _n("Write the amount.")),
    Rule("recovered_without_loss", N, "recovered_minor", (_back > 0) & _lost.fill_null(0).eq(0),
         _n("Something was recovered, and nothing charged off."), _BANK),
)  # fmt: skip
