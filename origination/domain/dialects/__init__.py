"""Files of others: what a known kind of table holds, which of it is a lease's, and what it lacks.

A dialect recognises a file by its header. None of those here holds leases that could be recorded
(each says why, field by field, in `lacks`): their rows become reference data for reports and for
tests of models, never entries of a book.
"""

from collections.abc import Sequence

from origination.domain.dialects.auto_leases import AUTO_LEASES
from origination.domain.dialects.auto_loans import AUTO_LOANS
from origination.domain.dialects.lease_terminations import LEASE_TERMINATIONS
from origination.domain.dialects.reading import Reading, read
from origination.domain.dialects.shape import (
    Column,
    Dialect,
    Figure,
    Form,
    Layout,
    finding_words,
    severity,
)
from origination.domain.dialects.used_cars import USED_CARS

DIALECTS = (AUTO_LOANS, USED_CARS, LEASE_TERMINATIONS, AUTO_LEASES)
BY_CODE = {dialect.code: dialect for dialect in DIALECTS}


def recognise(header: Sequence[str]) -> Dialect | None:
    """The dialect of which most required columns stand in the header, if most of them do.

    An EX-102 file of leases has all 66 elements as its columns, given or not.
    A file that lacks a few of them is still recognised: `Dialect.missing` names them.
    """
    if AUTO_LEASES.is_whole(header):
        return AUTO_LEASES
    known = [(len(d.missing(header)), d) for d in DIALECTS if d is not AUTO_LEASES]
    fit = [
        (missing, dialect)
        for missing, dialect in known
        if missing * 4 <= len(dialect.required)  # at most a quarter is missing
    ]
    return min(fit, key=lambda pair: pair[0])[1] if fit else None


__all__ = [
    "BY_CODE",
    "DIALECTS",
    "Column",
    "Dialect",
    "Figure",
    "Form",
    "Layout",
    "Reading",
    "finding_words",
    "read",
    "recognise",
    "severity",
]
