"""Auto loans of a securitisation, one row a loan, with what happened to them month by month.

The columns of SEC Form ABS-EE, Exhibit 102 (Regulation AB II, Schedule AL, 17 CFR 229.1125), as
the public compilation has them: headers misspelt as in the source, names padded with spaces,
months as MM/YYYY, then for each following month BALn (balance), PRCn (principal paid), PMTn
(payment), RECn (recovered), REPn (proceeds of repossession), and the outcome.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from origination.domain.dialects.shape import Column, Dialect, Figure, Form, gettext_noop

MONTHS: Final = 43
#: Item 3(c)(9) of Schedule AL: new or used.
CONDITIONS: Final = {"1": "new", "2": "used"}
_A, _W, _R, _T = Form.AMOUNT, Form.WHOLE, Form.RATE, Form.TEXT


def _column(source: str, name: str, form: Form, **more: int) -> Column:
    return Column(source, name, form, required=True, low=more.get("low"), high=more.get("high"))


_AT_CUT_OFF: Final = (
    _column("assetNumber", "asset_number", _T),
    _column("originationDate", "originated_in", Form.MONTH),
    _column("originalFirstPaymentDate", "first_payment_in", Form.MONTH),
    _column("loanMaturityDate", "matures_in", Form.MONTH),
    _column("originalLoanAmount", "amount_minor", _A, low=1),
    _column("originalLoanTerm", "term_months", _W, low=1, high=120),
    _column("remainingTermtoMaturityNumber", "remaining_months", _W, low=0, high=120),
    _column("originalInterestRatePercentage", "annual_rate", _R, low=0, high=1),
    _column("vehicleManufacturerName", "make", _T),
    _column("vehicleModelName", "model", _T),
    Column("vehicleNewUsedCode", "condition", Form.CODE, True, codes=CONDITIONS),
    _column("vehicleModelYear", "model_year", _W, low=1980, high=2100),
    _column("vehicleValueAmount", "vehicle_value_minor", _A, low=1),
    _column("obligorCreditScore", "credit_score", _W, low=300, high=900),
    _column("paymentToIncomePercentage", "payment_to_income", _R, low=0, high=10),
    _column("obligorGeographicLocation", "state", _T),
    _column("reportingPeriodActualEndBalanceAmount", "balance_minor", _A),
    _column("reportingPeriodScheduledPaymentAmount", "scheduled_payment_minor", _A),
    _column("currentDelinquencyStatus", "days_past_due", _W, low=0, high=10_000),
)
_MONTHLY: Final = tuple(
    Column(f"{source}{month}", f"{name}_{month}", _A, may_be_negative=True)
    for month in range(1, MONTHS + 1)
    for source, name in (
        ("BAL", "balance_minor"),
        ("PRC", "principal_minor"),
        ("PMT", "paid_minor"),
        ("REC", "recovered_minor"),
        ("REP", "repossession_minor"),
    )
)
_OUTCOME: Final = (
    _column("initialLoanAge", "age_months", _W, low=0, high=120),
    _column("X", "outcome_month", _W, low=1, high=MONTHS),
    _column("C", "running", Form.FLAG),
    _column("D", "defaulted", Form.FLAG),
    _column("R", "repaid", Form.FLAG),
)


def figures(table: pl.DataFrame) -> list[Figure]:
    """Sums and averages weighted by the balance at the cut-off, pool factors, defaults."""
    balance = table["balance_minor"]
    total = int(balance.sum())
    found = [Figure(gettext_noop("Balance at the cut-off"), _money(total))]
    if total:
        for label, name, scale in (
            (gettext_noop("Weighted average rate, % a year"), "annual_rate", 100),
            (gettext_noop("Weighted average remaining term, months"), "remaining_months", 1),
            (gettext_noop("Weighted average credit score"), "credit_score", 1),
        ):
            weighted = (table[name].cast(pl.Float64) * balance).sum() / total
            found.append(Figure(label, f"{weighted * scale:.4f}"))
        factors = [int(table[f"balance_minor_{m}"].sum()) / total for m in _factor_months(table)]
        label = gettext_noop("Pool factor after 1, 12, 24, 36 and 43 months")
        found.append(Figure(label, " · ".join(f"{factor:.4f}" for factor in factors)))
    defaults = Figure(
        gettext_noop("Defaults in the following months"), str(table["defaulted"].sum())
    )
    return [*found, defaults]


def _factor_months(table: pl.DataFrame) -> list[int]:
    return [m for m in (1, 12, 24, 36, MONTHS) if f"balance_minor_{m}" in table.columns]


def _money(minor: int) -> str:
    return f"USD {minor // 100:,}.{minor % 100:02d}"


AUTO_LOANS: Final = Dialect(
    code="auto_loans",
    title=gettext_noop("Auto loans as filed with the SEC (Form ABS-EE, Exhibit 102)"),
    columns=_AT_CUT_OFF + _MONTHLY + _OUTCOME,
    key="assetNumber",
    empty=("", "NA"),
    gives={
        "contract_number": "assetNumber",
        "vehicle_make": "vehicleManufacturerName",
        "vehicle_model": "vehicleModelName",
        "model_year": "vehicleModelYear",
        "condition": "vehicleNewUsedCode",
        "vehicle_price_minor": "vehicleValueAmount",
        "financed_amount_minor": "originalLoanAmount",
        "rent_minor": "reportingPeriodScheduledPaymentAmount",
        "annual_nominal_rate": "originalInterestRatePercentage",
        "term_months": "originalLoanTerm",
        "credit_score": "obligorCreditScore",
    },
    lacks={
        "product": gettext_noop("These are loans: neither a direct lease nor a leaseback."),
        "lessee_kind": gettext_noop("The filing does not name the obligor."),
        "lessee_name": gettext_noop("The filing does not name the obligor."),
        "lessee_id_number": gettext_noop("The filing does not name the obligor."),
        "province": gettext_noop("The filing has states of the USA."),
        "vin": gettext_noop("The filing has no VIN, so no right can be claimed on the vehicle."),
        "energy": gettext_noop("The filing does not say it."),
        "vehicle_use": gettext_noop("The filing does not say it."),
        "currency": gettext_noop("The filing does not say it; it is USD throughout."),
        "residual_minor": gettext_noop("A loan has no residual."),
        "residual_kind": gettext_noop("A loan has no residual."),
        "rent_pattern": gettext_noop("The filing does not say it."),
        "rent_timing": gettext_noop("The filing does not say it."),
        "originated_on": gettext_noop("The filing has the month, not the day."),
        "first_payment_on": gettext_noop("The filing has the month, not the day."),
        "maturity_on": gettext_noop("The filing has the month, not the day."),
    },
    figures=figures,
    checks=(
        (
            "originalFirstPaymentDate",
            "dates_out_of_order",
            pl.col("first_payment_in") < pl.col("originated_in"),
        ),
        (
            "loanMaturityDate",
            "dates_out_of_order",
            pl.col("matures_in") < pl.col("first_payment_in"),
        ),
        ("D", "outcomes_disagree", (pl.sum_horizontal("running", "defaulted", "repaid") != 1)),
    ),
)
