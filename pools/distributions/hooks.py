"""Other rooms say what a pool's triggers have made of its deal; pools import none of them."""

from collections.abc import Callable
from datetime import date

from pools.models import Pool
from pools.structure.terms import Status

StatusSource = Callable[[Pool, date], Status | None]
_SEVERITY = (Status.REVOLVING, Status.AMORTISING, Status.ACCELERATED, Status.DEFAULTED)
_sources: list[StatusSource] = []


def status_source(function: StatusSource) -> StatusSource:
    """Register who knows a pool's status on a day; None where it has nothing to say."""
    if function not in _sources:
        _sources.append(function)
    return function


def status_on(pool: Pool, day: date, present: Status) -> Status:
    """The gravest of the present status and what the sources say; never back."""
    said = [status for source in _sources if (status := source(pool, day)) is not None]
    return max([present, *said], key=_SEVERITY.index)
