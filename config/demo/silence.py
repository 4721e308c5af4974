"""A lessor of the demo that falls silent: it books, searches and sends nothing until it is back.

Its lessees go on paying it, as they do in life; what they paid meanwhile is booked when somebody
takes the collection up again.
"""

from datetime import date

from django_tenants.utils import schema_context

from config.demo.calendar import last_day
from config.demo.cast import LESSORS
from config.demo.stage import PART, mark
from config.models import DemoStep
from tenants.problems import Refused

_MARK = f"silent{PART}"


def silent_since() -> dict[str, date]:
    """The lessors that are silent, and the last day on which they were not."""
    with schema_context("public"):
        rows = DemoStep.objects.filter(key__startswith=_MARK)
        facts = dict(rows.values_list("key", "facts"))
    return {
        key.removeprefix(_MARK): date.fromisoformat(said["since"]) for key, said in facts.items()
    }


def stop_sweep(schema: str) -> date:
    """From the next day on nothing of this lessor arrives; repeating it changes nothing."""
    day = last_day()
    if schema not in LESSORS or day is None:
        raise Refused(
            code="demo.no_such_lessor",
            detail="This lessor does not live in the demo.",
            mend="Play the demo first.",
        )
    known = silent_since()
    if schema not in known:
        mark(f"{_MARK}{schema}", {"since": day.isoformat()})
    return known.get(schema, day)


def resume_sweep(schema: str) -> None:
    """The lessor is back, or a backup servicer in its place: with the next day all of it comes."""
    with schema_context("public"):
        DemoStep.objects.filter(key=f"{_MARK}{schema}").delete()
