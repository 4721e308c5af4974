"""Reason codes, checks and verdicts in words."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenants.problems import fill

REASONS = {
    "in_default": _("in default"),
    "above_vehicle_value": _("owes more than the vehicle is worth"),
    "loan_to_value": _("high share of the price financed"),
    "rent_to_income": _("rent heavy against income"),
    "credit_score": _("weak bureau score"),
    "annual_rate": _("priced for high risk"),
    "term_months": _("long term"),
    "vehicle_age_years": _("old vehicle"),
    "deposit_share": _("little deposit"),
    "employment": _("kind of employment"),
    "energy": _("kind of drive"),
    "product": _("kind of product"),
    "region": _("region"),
    "dealer_late_rate": _("dealer with many late payers"),
    "conditions": _("worse times than usual"),
    "months_on_book": _("age of the lease"),
    "days_past_due": _("past due now"),
    "worst_days_late_3m": _("paid late in the last three months"),
    "worst_days_late_12m": _("paid late in the last year"),
    "late_rents_12m": _("several late rents"),
    "mean_days_late_6": _("habit of paying late"),
    "arrears_in_rents": _("arrears"),
    "paid_down_share": _("little paid down"),
}
CHECKS = {
    "auc": _("ranking (AUC)"),
    "auc_leak": _("not too good to be true (AUC)"),
    "calibration_intercept": _("level of risk (calibration intercept)"),
    "calibration_slope": _("spread of risk (calibration slope)"),
    "psi_score": _("stability (PSI)"),
    "auc_turned_30": _("not too good to be true (AUC of turning 30+ days late)"),
    "auc_over_baseline": _("better than days past due alone"),
    "ratio_default": _("defaults: seen ÷ expected"),
    "ratio_turned_30": _("30+ days late: seen ÷ expected"),
}
VERDICTS = {
    "pass": (_("Passed"), "success"),
    "fail": (_("Failed"), "danger"),
    "too_few_events": (_("Too few events to pass"), "warning"),
}


def reasons_in_words(codes: str) -> list:
    """Reason codes of a result, comma-joined, as phrases."""
    return [REASONS.get(code, code) for code in codes.split(",") if code]


def verdict_in_words(report) -> str:
    """A test's verdict as a phrase; a dash before it was run."""
    return str(VERDICTS[report["verdict"]][0]) if report else "–"


def refusal_in_words(refusal) -> str:
    """Why a trial stopped, and what mends it; empty where nothing stopped it."""
    parts = (refusal["detail"], refusal["mend"]) if refusal else ()
    return " ".join(fill(part, refusal["params"], gettext) for part in parts)
