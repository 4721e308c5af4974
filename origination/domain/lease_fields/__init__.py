"""The fields of a lease: one list (`FIELDS`), checked one record at a time or in columns.

`find(record)` and `find_columns(frame)` return every finding at once; `check(record)` raises them
as one `Invalid`; `field_error(finding)` puts a finding into words.
"""

from origination.domain.lease_fields.columns import (
    FINDINGS_SCHEMA,
    find_columns,
    find_duplicates,
    find_written,
)
from origination.domain.lease_fields.findings import (
    HOUSE_GUARDS,
    Finding,
    Guards,
    Severity,
    field_error,
)
from origination.domain.lease_fields.scalar import check, find
from origination.domain.lease_fields.vocabulary import BY_NAME, FIELDS, FieldSpec, Group, Kind

__all__ = [
    "BY_NAME",
    "FIELDS",
    "FINDINGS_SCHEMA",
    "HOUSE_GUARDS",
    "FieldSpec",
    "Finding",
    "Group",
    "Guards",
    "Kind",
    "Severity",
    "check",
    "field_error",
    "find",
    "find_columns",
    "find_duplicates",
    "find_written",
]
