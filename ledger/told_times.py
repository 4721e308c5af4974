"""Times that others state as numbers of seconds, which need not be any. Pure: no Django."""

from datetime import UTC, datetime

from ledger.core.errors import MalformedError

#: In POSIX seconds: a day before the calendar's end, so that every time zone has it.
LATEST = int(datetime(9999, 12, 30, tzinfo=UTC).timestamp())


def told_time(seconds: int) -> datetime:
    """The time that somebody stated, in POSIX seconds; `MalformedError` if no calendar has it."""
    if not 0 <= seconds <= LATEST:
        raise MalformedError(f"no calendar has a time of {seconds} seconds")
    return datetime.fromtimestamp(seconds, tz=UTC)
