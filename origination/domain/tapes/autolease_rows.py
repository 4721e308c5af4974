"""A pool's leases as Schedule AL says them. Pure: columns in, one text column an element out.

What the ledger does not hold is not made up: it is left out, or "unknown" where the schedule has a
code for it. Codes that only fit the United States are mapped as near as they are true:
- `assetNumber`: the lease's record id in base64url (22 characters; the field holds 25).
- `lesseeGeographicLocation`: `CN-` and the province's code of GB/T 2260.
- `lesseeCreditScoreType`: a bureau score of 300–900, named so.
- `vehicleValueSourceCode`: 1 (invoice) for a direct lease, 98 (other: appraisal) for a leaseback.
- `baseResidualSourceCode`: 98 (other): the residual that the contract states.
- `vehicleTypeCode`: 99 (unknown): the body of a vehicle is not recorded.
- `securitizationDiscountRate`: the lease's own annual rate, so that the securitization value is its
  principal not yet repaid, residual included; nothing once it is settled.
- Nothing is ever charged off here: what has defaulted shows its days past due and its proceeds.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import numpy as np
import polars as pl

from origination.domain.schedule_columns import KIND_CODES, ReceivableColumns
from origination.domain.servicing.columns import NEVER, StateColumns
from tenants.money import exponent

ASSET_TYPE: Final = "LeaseLedger record id (base64url)"
SCORE_TYPE: Final = "Bureau score 300-900"
_SHORT: Final = 30
_FAR: Final = "%m/%Y"
_DAY: Final = "%m-%d-%Y"


@dataclass(frozen=True, slots=True)
class TapePeriod:
    """One reporting period: what each lease was before, at its end, and will owe by the next one.

    `paid` has `rid`, `money_minor` (rents and settlements) and `recovered_minor` of the period.
    """

    start: date
    last: date
    before: StateColumns
    after: StateColumns
    upcoming: StateColumns
    paid: pl.DataFrame
    servicing_fee: str | None


def autolease_rows(
    leases: pl.DataFrame, receivables: ReceivableColumns, period: TapePeriod, *, currency: str
) -> pl.DataFrame:
    """One row a lease, one text column an element (`autolease.ELEMENTS`); null is left out.

    `leases`: text columns named as in `lease.recorded`, with `rid` and `lessor` (its name), and
    `modified` (whether the contract was changed in the period) if any was.
    """
    if "modified" not in leases.columns:
        leases = leases.with_columns(modified=pl.lit(False))
    frame = leases.with_columns(_state_columns(receivables, period)).join(
        period.paid, on="rid", how="left", maintain_order="left"
    )
    return frame.select(
        **_terms(currency), **_lessee(), **_period(period, currency), **_ending(currency)
    )


def _state_columns(receivables: ReceivableColumns, period: TapePeriod) -> list[pl.Series]:
    before, after, upcoming = period.before, period.after, period.upcoming
    columns = {
        "sv_before": before.balance,
        "sv_after": after.balance,
        "scheduled": after.due - before.due,
        "next_due": upcoming.arrears,
        "days_late": after.days_past_due,
        "settled": np.where(after.settled == NEVER, -1, after.settled),
        "paid_through": _paid_through(receivables, after),
    }
    return [pl.Series(name, values.astype(np.int64)) for name, values in columns.items()]


def _paid_through(receivables: ReceivableColumns, state: StateColumns) -> np.ndarray:  # type: ignore[type-arg]
    """The due day of the last rent that is paid in full, -1 before the first and once settled."""
    debt = receivables.kind != KIND_CODES["option"]
    numbers = np.concatenate([[0], np.cumsum(debt)])[receivables.offsets]
    due = receivables.due[debt]
    whole = np.where(state.oldest_unpaid > 0, state.oldest_unpaid - 1, 0)
    at = np.clip(numbers[:-1] + whole - 1, 0, max(len(due) - 1, 0))
    return np.where(whole > 0, due[at] if len(due) else -1, -1)


def _money(name: str, currency: str) -> pl.Expr:
    """Whole minor units as major ones, exact: text is moved, not divided."""
    digits = exponent(currency)
    if not digits:
        return pl.col(name).cast(pl.Int64).cast(pl.String)
    scaled = pl.col(name).cast(pl.Int64).abs().cast(pl.String).str.zfill(digits + 1)
    sign = pl.when(pl.col(name).cast(pl.Int64) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return sign + scaled.str.head(-digits) + pl.lit(".") + scaled.str.tail(digits)


def _text(name: str, longest: int = _SHORT) -> pl.Expr:
    """Text of a token: spaces collapsed, cut to what the element holds, null where empty."""
    token = pl.col(name).str.replace_all(r"\s+", " ").str.strip_chars().str.head(longest)
    return pl.when(token.str.len_chars() > 0).then(token.str.strip_chars())


def _date(name: str, form: str) -> pl.Expr:
    return pl.col(name).str.to_date("%Y-%m-%d").dt.strftime(form)


def _days(name: str, form: str) -> pl.Expr:
    """A day since 1970 as text, null below zero."""
    day = pl.col(name).cast(pl.Int32).cast(pl.Date).dt.strftime(form)
    return pl.when(pl.col(name) >= 0).then(day)


def _code(found: pl.Expr, then: str, otherwise: str) -> pl.Expr:
    return pl.when(found).then(pl.lit(then)).otherwise(pl.lit(otherwise))


def _terms(currency: str) -> dict[str, pl.Expr]:
    return {
        "assetTypeNumber": pl.lit(ASSET_TYPE),
        "assetNumber": pl.col("rid").map_elements(asset_number, return_dtype=pl.String),
        "originatorName": _text("lessor"),
        "originationDate": _date("originated_on", _FAR),
        "acquisitionCost": _money("financed_amount_minor", currency),
        "originalLeaseTermNumber": pl.col("term_months"),
        "scheduledTerminationDate": _date("maturity_on", _FAR),
        "originalFirstPaymentDate": _date("first_payment_on", _FAR),
        "gracePeriod": pl.lit("0"),
        "paymentTypeCode": pl.lit("2"),
        "vehicleManufacturerName": _text("vehicle_make"),
        "vehicleModelName": _text("vehicle_model"),
        "vehicleNewUsedCode": _code(pl.col("condition") == "new", "1", "2"),
        "vehicleModelYear": pl.col("model_year"),
        "vehicleTypeCode": pl.lit("99"),
        "vehicleValueAmount": _money("vehicle_price_minor", currency),
        "vehicleValueSourceCode": _code(pl.col("product") == "direct_lease", "1", "98"),
        "baseResidualValue": _money("residual_minor", currency),
        "baseResidualSourceCode": pl.lit("98"),
        "contractResidualValue": _money("residual_minor", currency),
    }


def _lessee() -> dict[str, pl.Expr]:
    income = pl.col("lessee_income_monthly_minor").cast(pl.Float64)
    share = (pl.col("rent_minor").cast(pl.Float64) / income).round(8)
    scored = pl.col("credit_score").is_not_null()
    return {
        "lesseeCreditScoreType": pl.when(scored).then(pl.lit(SCORE_TYPE)),
        "lesseeCreditScore": pl.col("credit_score"),
        "lesseeIncomeVerificationLevelCode": _code(income.is_not_null(), "2", "1"),
        "lesseeEmploymentVerificationCode": _code(
            pl.col("employment").fill_null("") != "", "2", "1"
        ),
        "paymentToIncomePercentage": pl.when(income > 0).then(
            share.map_elements(lambda value: f"{value:.8f}", return_dtype=pl.String)
        ),
        "lesseeGeographicLocation": pl.lit("CN-") + pl.col("province"),
    }


def _period(period: TapePeriod, currency: str) -> dict[str, pl.Expr]:
    ends = pl.col("maturity_on").str.to_date("%Y-%m-%d")
    months = (ends.dt.year() - period.last.year) * 12 + (ends.dt.month() - period.last.month)
    return {
        "reportingPeriodBeginDate": pl.lit(period.start.strftime(_DAY)),
        "reportingPeriodEndDate": pl.lit(period.last.strftime(_DAY)),
        "assetAddedIndicator": pl.lit("false"),
        "remainingTermNumber": months.clip(lower_bound=0).cast(pl.String),
        "reportingPeriodModificationIndicator": _code(pl.col("modified"), "true", "false"),
        "servicingAdvanceMethodCode": pl.lit("1"),
        "reportingPeriodSecuritizationValueAmount": _money("sv_before", currency),
        "securitizationDiscountRate": pl.col("annual_nominal_rate"),
        "nextReportingPeriodPaymentAmountDue": _money("next_due", currency),
        "servicingFeePercentage": pl.lit(period.servicing_fee, dtype=pl.String),
        "reportingPeriodEndingActualBalanceAmount": _money("sv_after", currency),
        "reportingPeriodScheduledPaymentAmount": _money("scheduled", currency),
        "totalActualAmountPaid": _money("money_minor", currency).fill_null(_nothing(currency)),
        "actualOtherCollectedAmount": _money("recovered_minor", currency).fill_null(
            _nothing(currency)
        ),
        "reportingPeriodEndActualSecuritizationAmount": _money("sv_after", currency),
        "currentDelinquencyStatus": pl.col("days_late").cast(pl.String),
        "primaryLeaseServicerName": _text("lessor"),
        "assetSubjectDemandIndicator": pl.lit("false"),
    }


def _ending(currency: str) -> dict[str, pl.Expr]:
    settled = pl.col("settled") >= 0
    recovered = pl.col("recovered_minor").fill_null(0) > 0
    return {
        "paidThroughDate": _days("paid_through", _DAY),
        "zeroBalanceEffectiveDate": _days("settled", _FAR),
        "zeroBalanceCode": pl.when(settled).then(pl.lit("1")),
        "terminationIndicator": pl.when(settled).then(pl.lit("1")),
        "liquidationProceedsAmount": pl.when(recovered).then(_money("recovered_minor", currency)),
    }


def _nothing(currency: str) -> str:
    digits = exponent(currency)
    return f"0.{'0' * digits}" if digits else "0"


def asset_number(rid: str) -> str:
    """A record id in the 25 characters that the element holds, and back by base64url."""
    return base64.urlsafe_b64encode(UUID(rid).bytes).decode().rstrip("=")
