"""A tape beside what is known of the same leases: what changed, and what cannot have changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from origination.domain.lease_fields import FINDINGS_SCHEMA, Kind, Severity
from origination.domain.tapes.mapping import TapeMapping, Written
from origination.domain.tapes.reported import OVER, TARGETS
from origination.domain.tapes.reported import gettext_noop as _n
from origination.domain.tapes.rules.shape import E, N, Rule, W

#: What a lease cannot change while it lives: another value is another lease, or a slip.
FIXED: Final = (
    "vin", "lessee_id_number", "lessee_kind", "originated_on", "first_payment_on", "product",
    "currency", "financed_amount_minor", "vehicle_price_minor", "model_year", "condition",
    "vehicle_make",
)  # fmt: skip
#: Terms: they change where a lease is restructured or extended, which somebody confirms.
TERMS: Final = (
    "term_months", "maturity_on", "rent_minor", "annual_nominal_rate", "residual_minor",
    "residual_kind", "rent_pattern", "rent_timing", "deposit_minor", "fee_minor", "lessee_name",
    "energy", "vehicle_model", "vehicle_use",
)  # fmt: skip
#: Fields that only go one way, and the rule that is broken where they go the other.
_ONLY_DOWN: Final = {"balance_minor": "balance_rose"}
_ONLY_UP: Final = {
    "paid_total_minor": "paid_total_fell",
    "paid_through_on": "paid_through_went_back",
    "reported_on": "report_went_back",
    "odometer_km": "odometer_fell",
    "charged_off_minor": "charged_off_fell",
}


def _rule(code: str, severity: Severity, field: str, says: str, mend: str) -> Rule:
    return Rule(code, severity, field, pl.lit(False), says, mend)


_LAST: Final = _n("Compare it with the last tape; a correction is made in the lease itself.")
RULES: Final = {
    rule.id: rule
    for rule in (
        _rule("duplicate_in_book", E, "contract_number",
              _n("This stands in your book already."), _n("Remove the row, or correct it.")),
        _rule("no_such_lease", E, "asset_number",
              _n("No lease of your book has this record id."),
              _n("Bring the lease on a tape with all its fields first.")),
        _rule("impossible_change", E, "vin",
              _n("This cannot change while a lease lives; your book says otherwise."),
              _n("Compare it with the contract: it is another lease, or a slip.")),
        _rule("term_changed", W, "term_months",
              _n("A term is not what your book says."),
              _n("Confirm that the lease was restructured, or correct the row.")),
        _rule("detail_changed", N, "lessee_phone",
              _n("A detail is not what your book says."), _n("Nothing: it is kept as reported.")),
        _rule("balance_rose", E, "balance_minor",
              _n("The balance is higher than on the last tape."), _LAST),
        _rule("paid_total_fell", E, "paid_total_minor",
              _n("Less was paid in all than on the last tape."), _LAST),
        _rule("paid_through_went_back", W, "paid_through_on",
              _n("Rents are paid through an earlier day than on the last tape."), _LAST),
        _rule("report_went_back", E, "reported_on",
              _n("The report is of an earlier day than the last tape."),
              _n("Import the newer tape last; this one tells what is known already.")),
        _rule("odometer_fell", W, "odometer_km",
              _n("The vehicle has run less than before."), _LAST),
        _rule("charged_off_fell", W, "charged_off_minor",
              _n("Less is charged off than on the last tape."), _LAST),
        _rule("reopened", E, "status",
              _n("The lease was over on the last tape, and runs again."), _LAST),
        _rule("days_jumped", E, "days_past_due",
              _n("The lease is late by more new days than have passed since the last tape."),
              _LAST),
    )
}  # fmt: skip
_DELTAS: Final = {
    "row": pl.UInt32(), "field": pl.String(), "before": pl.String(), "after": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """`deltas`: (row, field, before, after) of what is other than before; `findings` on them."""

    deltas: pl.DataFrame
    findings: pl.DataFrame


def compare(now: pl.DataFrame, before: pl.DataFrame, mapping: TapeMapping | None = None) -> Changes:
    """Rows beside what was known of them, in the same order; both text, named as fields.

    A field that is empty now says nothing. Where the file tells a month or cut a text, no more
    than that is compared.
    """
    forms = {name: place.form for name, place in mapping.fields.items()} if mapping else {}
    names = [name for name in now.columns if name in before.columns and name in TARGETS]
    deltas = [_delta(name, now[name], before[name], forms.get(name)) for name in names]
    changed = pl.concat([pl.DataFrame(schema=_DELTAS), *deltas]).sort("row", maintain_order=True)
    codes = _plain(changed)
    parts = [codes, *_one_way(changed), *_over_again(changed), *_jumped(now, before)]
    findings = pl.concat(parts).unique(maintain_order=True)
    return Changes(changed, _another_lease(findings))


def _delta(name: str, now: pl.Series, before: pl.Series, form: Written | None) -> pl.DataFrame:
    old = before
    if form is Written.MONTH:
        told, known = now.str.slice(0, 7), old.str.slice(0, 7)
    elif form is Written.TOKEN:
        told, known = now, old.str.replace_all(r"\s+", " ").str.head(30).str.strip_chars()
    elif TARGETS[name].kind is Kind.RATE:
        told, known = (s.cast(pl.Float64, strict=False).cast(pl.String) for s in (now, old))
    else:
        told, known = now, old
    other = (now.is_not_null() & told.ne_missing(known)).arg_true()
    found = {"row": other, "field": [name] * len(other)}
    found |= {"before": old.gather(other), "after": now.gather(other)}
    return pl.DataFrame(found, schema=_DELTAS)


def _plain(changed: pl.DataFrame) -> pl.DataFrame:
    """What kind of change it is, for terms and details; the first report of a state is none."""
    terms = changed.filter(~pl.col("field").is_in([*_ONLY_DOWN, *_ONLY_UP, *_STATE]))
    was = pl.col("before").is_not_null()
    code = (
        pl.when(pl.col("field").is_in(list(FIXED)) & was)
        .then(pl.lit("impossible_change"))
        .when(pl.col("field").is_in(list(TERMS)) & was)
        .then(pl.lit("term_changed"))
        .otherwise(pl.lit("detail_changed"))
    )
    return terms.select("row", "field", code=code)


_STATE: Final = tuple(
    name
    for name in TARGETS
    if name
    in ("status", "arrears_minor", "days_past_due", "remaining_months", "next_due_on", "ended_on",
        "vehicle_value_minor", "recovered_minor", "extended_months")
)  # fmt: skip


def _one_way(changed: pl.DataFrame) -> list[pl.DataFrame]:
    parts = []
    for rules, up in ((_ONLY_UP, True), (_ONLY_DOWN, False)):
        for name, code in rules.items():
            own = changed.filter(pl.col("field") == name)
            # days are compared as they are written: year, month, day
            kind = pl.String if TARGETS[name].kind is Kind.DATE else pl.Int64
            before, after = (pl.col(c).cast(kind, strict=False) for c in ("before", "after"))
            wrong = own.filter(after < before if up else after > before)
            parts.append(wrong.select("row", "field", code=pl.lit(code)))
    return parts


def _over_again(changed: pl.DataFrame) -> list[pl.DataFrame]:
    again = changed.filter(
        (pl.col("field") == "status") & pl.col("before").is_in(OVER) & ~pl.col("after").is_in(OVER)
    )
    return [again.select("row", "field", code=pl.lit("reopened"))]


def _jumped(now: pl.DataFrame, before: pl.DataFrame) -> list[pl.DataFrame]:
    needed: Collection[str] = ("days_past_due", "reported_on")
    if not (set(needed) <= set(now.columns) and set(needed) <= set(before.columns)):
        return []
    days = [frame["days_past_due"].cast(pl.Int64, strict=False) for frame in (before, now)]
    told = [frame["reported_on"].str.to_date("%Y-%m-%d", strict=False) for frame in (before, now)]
    passed = (told[1] - told[0]).dt.total_days()
    rows = ((days[1] - days[0] > passed + 1) & (passed >= 0)).fill_null(False).arg_true()
    found: Mapping[str, object] = {
        "row": rows, "field": ["days_past_due"] * len(rows), "code": ["days_jumped"] * len(rows),
    }  # fmt: skip
    return [pl.DataFrame(found, schema=FINDINGS_SCHEMA)]


def _another_lease(findings: pl.DataFrame) -> pl.DataFrame:
    """Vehicle and lessee are both others: a new lease under a number that is taken."""
    wrong = findings.filter(pl.col("code") == "impossible_change")
    both = (
        wrong.filter(pl.col("field").is_in(["vin", "lessee_id_number"]))
        .group_by("row").len().filter(pl.col("len") == 2)["row"]
    )  # fmt: skip
    kept = findings.filter(~pl.col("row").is_in(both.implode()))
    taken = pl.DataFrame(
        {"row": both, "field": ["contract_number"] * len(both),
         "code": ["duplicate_in_book"] * len(both)},
        schema=FINDINGS_SCHEMA,
    )  # fmt: skip
    return pl.concat([kept, taken]).sort("row", maintain_order=True)
