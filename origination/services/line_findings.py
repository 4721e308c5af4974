"""What was found in a file that is read by a layout, line by line."""

from dataclasses import dataclass

import polars as pl

from origination.domain.dialects import Layout, Reading, finding_words, severity
from origination.domain.lease_fields import Finding, Severity
from tenants.problems import FieldError


@dataclass(frozen=True)
class LineFinding:
    """What was found in one field of one row (the first row after the header is 1)."""

    layout: Layout
    row: int
    finding: Finding
    value: str = ""

    @property
    def is_warning(self) -> bool:
        """Told, but no reason to leave the row out."""
        return severity(self.finding) is Severity.WARNING

    def error(self) -> FieldError:
        """In words."""
        return finding_words(self.layout, self.finding)


def in_words(layout: Layout, table: pl.DataFrame, reading: Reading) -> list[LineFinding]:
    """A reading's findings with the texts of the file."""
    return [
        LineFinding(layout, row + 1, Finding(name, code), (table[name][row] or "")[:120])
        for row, name, code in reading.findings.iter_rows()
    ]
