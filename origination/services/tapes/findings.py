"""Findings of a tape: in words, on disk, and counted."""

import io
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from origination.domain.lease_fields import FINDINGS_SCHEMA, Finding, Severity, field_error
from origination.domain.tapes import changes, rules
from tenants.problems import FieldError

KEPT = 10_000  # findings of an upload in the table; all of them are in the chunks
VALUE = 120  # characters of a value that are kept
SCHEMA = {**FINDINGS_SCHEMA, "severity": pl.String(), "value": pl.String()}
_OWN = {**rules.BY_ID, **changes.RULES}


@dataclass(frozen=True)
class RowFinding:
    """What was found in one field of one row (the first row after the header is 1)."""

    row: int
    finding: Finding
    value: str = ""

    @property
    def severity(self) -> Severity:
        """What becomes of the row."""
        return severity_of(self.finding)

    def error(self) -> FieldError:
        """In words."""
        return words_of(self.finding)


def severity_of(finding: Finding) -> Severity:
    """Of a rule of tapes, or of a field by itself."""
    rule = _OWN.get(finding.code)
    return rule.severity if rule else finding.severity


def words_of(finding: Finding) -> FieldError:
    """A finding of any rule in words."""
    if rule := _OWN.get(finding.code):
        return FieldError(finding.field, finding.code, rule.says, rule.mend)
    if finding.code == "right_unavailable":
        return FieldError(
            finding.field,
            finding.code,
            "The right on this vehicle is not available.",
            "Check the vehicle with its owner, or open a contest on the page Contests.",
        )
    if finding.code == "no_data":
        return FieldError(
            finding.field,
            finding.code,
            "A lease must have this, and the file says that it has no data.",
            "Ask the source for the value; what has none is no lease.",
        )
    return field_error(finding)


def with_values(found: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """(row, field, code) with the severity and what the file says there, ordered by row."""
    parts = [pl.DataFrame(schema=SCHEMA)]
    for (name,), own in found.group_by("field", maintain_order=True):
        field = str(name)
        values = (
            table[field].gather(own["row"]).fill_null("").str.slice(0, VALUE)
            if field in table.columns
            else pl.Series([""] * len(own), dtype=pl.String)
        )
        parts.append(own.with_columns(value=values, severity=_severities(own["code"])))
    return pl.concat(parts, how="diagonal").select(list(SCHEMA)).sort("row", maintain_order=True)


def _severities(codes: pl.Series) -> pl.Series:
    known = {code: str(severity_of(Finding("", code))) for code in codes.unique()}
    return codes.replace_strict(known, return_dtype=pl.String)


def blocking(found: pl.DataFrame, *, confirm_warnings: bool) -> pl.Series:
    """Rows that are kept out: with an error, or a warning that nobody confirmed."""
    stops = ["error"] if confirm_warnings else ["error", "warning"]
    return found.filter(pl.col("severity").is_in(stops))["row"].unique()


def row_findings(found: pl.DataFrame, first_row: int) -> Iterable[RowFinding]:
    """Findings of a chunk as objects, rows as in the file."""
    for row, name, code, value in found.select("row", "field", "code", "value").iter_rows():
        yield RowFinding(first_row + row, Finding(name, code), value)


def packed(frame: pl.DataFrame) -> bytes:
    """A frame as compressed Parquet."""
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd")
    return stream.getvalue()


def opened(content: bytes | memoryview) -> pl.DataFrame:
    """The inverse of `packed`."""
    return pl.read_parquet(io.BytesIO(content))
