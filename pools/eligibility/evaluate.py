"""Every criterion over every asset, in columns.

Pure. Numbers are compared as float64 when they stand in the column as numbers; thresholds are read
from exact text once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pools.eligibility.rules import NUMERIC, Criterion, Operator
from tenants.problems import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`failures`: one boolean column a criterion, one row an asset, in the frame's order."""

    criteria: tuple[Criterion, ...]
    failures: pl.DataFrame

    @property
    def eligible(self) -> pl.Series:
        """True where an asset fails nothing."""
        if not self.criteria:
            return pl.repeat(True, self.failures.height, eager=True)
        return self.failures.select(~pl.any_horizontal(pl.all())).to_series()

    def counts(self) -> dict[str, int]:
        """How many assets fail each criterion."""
        return {name: int(self.failures[name].sum()) for name in self.failures.columns}

    def failed(self, row: int) -> list[Criterion]:
        """The criteria that one asset fails, in their order."""
        values = self.failures.row(row, named=True)
        return [criterion for criterion in self.criteria if values[criterion.id]]


def evaluate(frame: pl.DataFrame, criteria: Sequence[Criterion]) -> Evaluation:
    """Hold each asset (a row of `frame`) against each criterion.

    Raises `Invalid` for criteria on columns that the frame does not have.
    """
    missing = [criterion for criterion in criteria if criterion.field not in frame.columns]
    if missing:
        raise Invalid(
            code="criterion_field_unknown",
            errors=[
                FieldError(
                    field=f"rules.{criterion.id}",
                    code="criterion_field_unknown",
                    detail="Assets have no field %(name)s.",
                    mend="Use a field of the asset table.",
                    params={"name": criterion.field},
                )
                for criterion in missing
            ],
        )
    # A null comparison is null; filling it with False makes what is not known fail.
    columns = [
        (~_holds(criterion, frame.schema[criterion.field]).fill_null(False)).alias(criterion.id)
        for criterion in criteria
    ]
    return Evaluation(tuple(criteria), frame.select(columns))


def _holds(criterion: Criterion, kind: pl.DataType) -> pl.Expr:
    column, operator = pl.col(criterion.field), criterion.operator
    if operator in NUMERIC or kind.is_numeric():
        values: list[float | str] = [float(value) for value in criterion.values]
        column = column.cast(pl.Float64).fill_nan(None)
    else:
        values = list(criterion.values)
        column = column.cast(pl.String)
    first = pl.lit(values[0])
    by_operator = {
        Operator.EQUAL: lambda: column == first,
        Operator.NOT_EQUAL: lambda: column != first,
        Operator.AT_LEAST: lambda: column >= first,
        Operator.AT_MOST: lambda: column <= first,
        Operator.ABOVE: lambda: column > first,
        Operator.BELOW: lambda: column < first,
        Operator.ONE_OF: lambda: column.is_in(values),
        Operator.NONE_OF: lambda: ~column.is_in(values),
    }
    return by_operator[operator]()
