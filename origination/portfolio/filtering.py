"""The filters of the leases' list: what the row says, and what only the replay of the book says."""

from collections.abc import Mapping
from datetime import date, datetime

import numpy as np
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from origination.copying import text_array
from origination.domain.buckets import (
    LATENESS,
    PAST_DUE,
    originated_between,
)
from origination.models import Lease
from origination.selectors.book import loaded_book
from origination.selectors.leases import find_leases
from origination.selectors.positions import owed

AGE, LATE, OPEN = "age", "late", "open"
_DERIVED = (AGE, LATE, OPEN)


def filtered(chosen: Mapping[str, str], *, as_of: date, known_at: datetime) -> QuerySet[Lease]:
    """The leases that every chosen filter lets through, newest first."""
    leases = find_leases(**{name: text for name, text in chosen.items() if name not in _DERIVED})
    if age := chosen.get(AGE):
        after, until = originated_between(age, as_of)
        leases = leases.filter(originated_on__lte=until)
        leases = leases.filter(originated_on__gt=after) if after else leases
    if chosen.get(LATE) or chosen.get(OPEN):
        leases = leases.filter(_standing(chosen, as_of, known_at))
    return leases


def _standing(chosen: Mapping[str, str], as_of: date, known_at: datetime) -> RawSQL:
    """Leases by how they stand on the day; the shorter list of ids goes to the database."""
    frame, book = loaded_book(known_at)
    if book is None:
        return RawSQL("false", [], output_field=BooleanField())
    state = book.state(as_of=as_of, known_at=known_at)
    fits = np.ones(len(frame), bool)
    if late := chosen.get(LATE):
        first, last = (1, 10**6) if late == PAST_DUE else LATENESS[late]
        fits &= (state.days_past_due >= first) & (state.days_past_due <= last)
    if chosen.get(OPEN):
        fits &= (state.balance > 0) | (owed(state) > 0)
    few = fits if fits.sum() * 2 <= len(fits) else ~fits
    condition = "origination_lease.rid = ANY(%s::text[]::uuid[])"
    if few is not fits:
        condition = f"NOT ({condition})"
    rids = text_array(frame["rid"].gather(np.flatnonzero(few)))
    return RawSQL(condition, [rids], output_field=BooleanField())
