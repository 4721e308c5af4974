"""After each roll: does every lessor still send what it collects?"""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from ledger.exchange.selectors import replicas
from monitoring.models import Alert, Ending, Severity
from monitoring.selectors.collections import Silence, due_between, silence_of
from monitoring.services.alerts import end_alerts, raise_alert

CODE = "collections_stopped"
#: Of fewer rents it can be chance that nobody has paid.
_ENOUGH_RENTS = 10


def look_at_collections(*, as_of: date, at: datetime) -> None:
    """Raise an alert where a lessor's bank lines stay away longer than is its habit; close it when
    they come again. One alert a silence."""
    for source in replicas().values_list("source", flat=True):
        silence = silence_of(source, as_of=as_of)
        if silence is None:
            continue
        topic = silence.last_on.isoformat()
        over = Q(code=CODE, subject_id=source) & ~Q(topic=topic)
        end_alerts(over, ending=Ending.CURED, at=at)
        told = Alert.objects.filter(code=CODE, subject_id=source, topic=topic)
        if silence.is_too_long and not told.exists():
            _raise(source, silence, as_of, at)


def _raise(source: UUID, silence: Silence, as_of: date, at: datetime) -> None:
    due = due_between(source, after=silence.last_on, until=as_of)
    if due.count < _ENOUGH_RENTS:
        return
    raise_alert(
        code=CODE,
        severity=Severity.DANGER,
        subject_kind="lessor",
        subject_id=source,
        topic=silence.last_on.isoformat(),
        params={
            "day": silence.last_on.isoformat(),
            "days": silence.days,
            "count": due.count,
            "due_minor": due.minor,
        },
        at=at,
    )
