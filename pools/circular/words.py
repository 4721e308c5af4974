"""The words of a circular that are keyed by a code: titles of strata, roles, steps, statistics."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants.templatetags import provinces

ROLES: Final[dict[str, Promise]] = {
    "originator": _("Originator and servicer"),
    "trustee": _("Trustee and issuer"),
    "custodian": _("Custodian"),
    "auditor": _("Auditor"),
}
FORMS: Final[dict[str, Promise]] = {
    "loan": _("Loan secured by pledged receivables"),
    "assignment": _("Assignment of receivables"),
    "property_rights_trust": _("Property-rights trust"),
}
STRATIFICATIONS: Final[dict[str, Promise]] = {
    "balance": _("By outstanding balance"),
    "rate": _("By annual rate"),
    "remaining": _("By remaining term"),
    "age": _("By age of the lease"),
    "province": _("By province of the lessee"),
    "energy": _("By energy of the vehicle"),
    "make": _("By make"),
    "product": _("By product"),
    "condition": _("By condition of the vehicle"),
    "use": _("By use of the vehicle"),
    "lessee": _("By kind of lessee"),
    "probability": _("By probability of default"),
}
VALUES: Final[dict[str, Promise]] = {
    "direct_lease": _("Direct lease"),
    "sale_leaseback": _("Sale and leaseback"),
    "petrol": _("Petrol"),
    "diesel": _("Diesel"),
    "hybrid": _("Hybrid"),
    "phev": _("Plug-in hybrid"),
    "bev": _("Battery electric"),
    "new": _("New"),
    "used": _("Used"),
    "private": _("Private"),
    "ride_hailing": _("Ride hailing"),
    "commercial": _("Commercial"),
    "person": _("Person"),
    "company": _("Company"),
}
#: Strata of provinces are named by their code of GB/T 2260.
PROVINCE_NAMES: Final[dict[str, Promise]] = {
    code: tile[3] for code, tile in provinces.PROVINCES.items()
}
PAYEES: Final[dict[str, Promise]] = {
    "senior": _("Senior"),
    "mezzanine": _("Mezzanine"),
    "subordinated": _("Subordinated"),
    "subordinated holders": _("Subordinated holders"),
    "trustee": _("Trustee"),
    "custody": _("Custody"),
    "servicing": _("Servicing"),
}
STEPS: Final[dict[str, Promise]] = {
    "fee": _("Fees and expenses"),
    "interest": _("Interest"),
    "principal": _("Principal"),
    "reserve": _("Top up the reserve"),
    "purchase": _("Buy further assets"),
    "release": _("Release the surplus of the reserve"),
    "residual": _("What is left"),
}
SOURCES: Final[dict[str, Promise]] = {
    "income": _("Income"),
    "principal": _("Principal"),
    "reserve": _("Reserve"),
    "support": _("Shortfall support"),
}
STATUSES: Final[dict[str, Promise]] = {
    "revolving": _("Revolving"),
    "amortising": _("Amortising"),
    "accelerated": _("Accelerated"),
    "defaulted": _("In default"),
}
STATISTICS: Final[dict[str, Promise]] = {
    "auc": _("Area under the ROC curve"),
    "ks": _("Kolmogorov–Smirnov distance"),
    "gini": _("Gini coefficient"),
    "brier": _("Brier score"),
    "calibration_slope": _("Calibration slope"),
    "calibration_intercept": _("Calibration intercept"),
    "lift_top_decile": _("Lift of the riskiest tenth"),
    "psi_score": _("Stability index of the score"),
    "ratio": _("Observed ÷ expected"),
    "ratio_default": _("Defaults, observed ÷ expected"),
    "ratio_turned_30": _("Turned 30 days late, observed ÷ expected"),
    "expected": _("Expected defaults"),
    "observed": _("Observed defaults"),
}
MODEL_FAMILIES: Final[dict[str, Promise]] = {
    "boosting": _("Gradient boosting"),
    "scorecard": _("Scorecard"),
}
VERDICTS: Final[dict[str, Promise]] = {
    "pass": _("Passed"),
    "fail": _("Failed"),
    "too_few_events": _("Too few events: not passed"),
}
RISKS: Final[tuple[tuple[Promise, Promise], ...]] = (
    (
        _("Lessees may not pay"),
        _(
            "The notes are paid from what lessees pay and what repossessed vehicles fetch. "
            "Defaults above the projection are borne first by the most junior class."
        ),
    ),
    (
        _("Vehicles lose value"),
        _(
            "Recoveries depend on used-vehicle prices, which differ by energy, mileage and region "
            "and have fallen quickly for some battery-electric models."
        ),
    ),
    (
        _("Leases may end early"),
        _(
            "Early settlement shortens the notes and lowers the interest that they earn; it is "
            "projected, not known."
        ),
    ),
    (
        _("Cash passes through the servicer"),
        _(
            "Until it is swept, collected cash stands on the servicer's account and could be mixed "
            "with its own if it fails. A late sweep is watched as a trigger."
        ),
    ),
    (
        _("Registration outside this platform decides between creditors"),
        _(
            "The ledger prevents a second pledge among its members. It does not bind others: the "
            "public registers were searched and the result of each search is on the ledger."
        ),
    ),
    (
        _("Models are estimates"),
        _(
            "Probabilities of default, vehicle values and cash flows are model results. Their "
            "tests are printed in this document with their uncertainty."
        ),
    ),
)


def word(table: dict[str, Promise], code: str) -> str:
    """The word for a code in the active language, or the code itself."""
    return str(table.get(code, code))
