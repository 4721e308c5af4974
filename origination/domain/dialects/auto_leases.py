"""Automobile leases of a securitisation as filed with the SEC: Form ABS-EE, Exhibit 102 (XML).

Regulation AB II, 17 CFR 229.1125, Schedule AL, Item 4: 66 elements. Of others' filings only; a file
that names leases of this house by their record id is compared with the book instead.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from origination.domain.dialects.auto_loans import AUTO_LOANS
from origination.domain.dialects.shape import Column, Dialect, Figure, Form, gettext_noop
from origination.domain.tapes.autolease import ELEMENTS

#: Item 4(d)(3): new or used.
_CONDITIONS: Final = {"1": "new", "2": "used"}
_FORMS: Final = {
    "originationDate": ("originated_in", Form.MONTH),
    "scheduledTerminationDate": ("matures_in", Form.MONTH),
    "originalFirstPaymentDate": ("first_payment_in", Form.MONTH),
    "acquisitionCost": ("amount_minor", Form.AMOUNT),
    "vehicleValueAmount": ("value_minor", Form.AMOUNT),
    "contractResidualValue": ("residual_minor", Form.AMOUNT),
    "reportingPeriodSecuritizationValueAmount": ("securitization_value_minor", Form.AMOUNT),
    "reportingPeriodEndingActualBalanceAmount": ("balance_minor", Form.AMOUNT),
    "chargedOffAmount": ("charged_off_minor", Form.AMOUNT),
    "liquidationProceedsAmount": ("proceeds_minor", Form.AMOUNT),
    "originalLeaseTermNumber": ("term_months", Form.WHOLE),
    "remainingTermNumber": ("remaining_months", Form.WHOLE),
    "currentDelinquencyStatus": ("days_late", Form.WHOLE),
    "securitizationDiscountRate": ("discount_rate", Form.RATE),
}


def _column(source: str) -> Column:
    """The schema requires the first two elements; amounts may stand below zero (corrections)."""
    name, form = _FORMS.get(source, (source, Form.TEXT))
    required = source in ELEMENTS[:2]
    if source == "vehicleNewUsedCode":
        return Column(source, "condition", Form.CODE, codes=_CONDITIONS)
    return Column(source, name, form, required, may_be_negative=form is Form.AMOUNT)


def figures(table: pl.DataFrame) -> list[Figure]:
    """How many leases, what they owe, and how late."""
    balance = table["balance_minor"].fill_null(0)
    total = int(balance.sum())
    late = int((table["days_late"].fill_null(0) > 30).sum())
    return [
        Figure(gettext_noop("Leases"), f"{len(table):,}"),
        Figure(gettext_noop("Balance"), f"USD {total // 100:,}.{total % 100:02d}"),
        Figure(gettext_noop("Leases late by more than 30 days"), f"{late:,}"),
    ]


_NO_NAME: Final = gettext_noop("The filing does not name the lessee.")
_NOT_SAID: Final = gettext_noop("The filing does not say it.")
_MONTH: Final = gettext_noop("The filing has the month, not the day.")

AUTO_LEASES: Final = Dialect(
    code="auto_leases",
    title=gettext_noop("Auto leases as filed with the SEC (Form ABS-EE, Exhibit 102)"),
    columns=tuple(_column(source) for source in ELEMENTS),
    key="assetNumber",
    gives={
        "contract_number": "assetNumber",
        "vehicle_make": "vehicleManufacturerName",
        "vehicle_model": "vehicleModelName",
        "model_year": "vehicleModelYear",
        "condition": "vehicleNewUsedCode",
        "vehicle_price_minor": "vehicleValueAmount",
        "financed_amount_minor": "acquisitionCost",
        "residual_minor": "contractResidualValue",
        "term_months": "originalLeaseTermNumber",
        "rent_minor": "reportingPeriodScheduledPaymentAmount",
        "annual_nominal_rate": "securitizationDiscountRate",
        "credit_score": "lesseeCreditScore",
    },
    lacks={
        "product": _NOT_SAID,
        "lessee_kind": _NO_NAME,
        "lessee_name": _NO_NAME,
        "lessee_id_number": _NO_NAME,
        "province": AUTO_LOANS.lacks["province"],
        "vin": AUTO_LOANS.lacks["vin"],
        "energy": _NOT_SAID,
        "vehicle_use": _NOT_SAID,
        "currency": AUTO_LOANS.lacks["currency"],
        "residual_kind": _NOT_SAID,
        "rent_pattern": _NOT_SAID,
        "rent_timing": _NOT_SAID,
        "originated_on": _MONTH,
        "first_payment_on": _MONTH,
        "maturity_on": _MONTH,
    },
    figures=figures,
)
