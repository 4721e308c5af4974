"""The lessor fails, part one: its sweep stops, and what that sets off at the trust."""

from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.demo.silence import resume_sweep, silent_since, stop_sweep
from config.stories.probes import now, today
from config.stories.telling import Act, Fact
from monitoring.models import Alert, TriggerEvent
from monitoring.selectors.alerts import alert_as_message
from monitoring.selectors.collections import Money as Sum
from monitoring.selectors.collections import collections_of
from monitoring.services.collections import CODE
from monitoring.texts import measure_in_words
from tenants.formatting import full_money, percent
from tenants.models import Tenant
from tenants.money import DEFAULT_CURRENCY, Money

LESSOR = "anda"


def source():
    """Anda, as the trust knows it."""
    return Tenant.objects.get(schema_name=LESSOR).pk


def _sum(found: Sum) -> str:
    amount = full_money(Money.from_minor(found.minor, DEFAULT_CURRENCY))
    return f"{found.count:,} · {amount}"


def collections() -> list[Fact]:
    """Inside the trust: what fell due by the copy's schedules, and what the copy says arrived."""
    found = collections_of(source(), as_of=today(), known_at=now())
    if found is None:
        return [Fact(_("Bank lines of the lessor"), _("none yet"), holds=False)]
    stopped = LESSOR in silent_since()
    share = Decimal(found.arrived_before.minor) / max(1, found.due_before.minor)
    facts = [
        Fact(_("The lessor"), _("sends nothing any more") if stopped else _("sends every day")),
        Fact(_("Bank lines last arrived on"), found.silence.last_on.isoformat()),
        Fact(_("Rents due in the thirty days before"), _sum(found.due_before)),
        Fact(
            _("Bank lines in those days, with prepayments"),
            _sum(found.arrived_before),
        ),
        Fact(_("Arrived, of what was due"), percent(share), holds=found.arrived_before.count > 0),
        Fact(_("Rents due since"), _sum(found.due_since)),
        Fact(
            _("Bank lines since"),
            _sum(found.arrived_since),
            holds=found.arrived_since.count == 0 if stopped and found.silence.days else None,
        ),
    ]
    return facts


def what_it_raises() -> list[Fact]:
    """Inside the trust: the alert of the silence, and the triggers that have turned since."""
    since = silent_since().get(LESSOR)
    if since is None:
        return [Fact(_("Alert"), _("none: the lessor's bank lines arrive"))]
    told = Alert.objects.filter(code=CODE, subject_id=source(), at__date__gt=since).last()
    if told is None:
        return [Fact(_("Alert"), _("not yet: so long a gap is still this lessor's habit"))]
    message = alert_as_message(told)
    facts = [
        Fact(message["title"], message["body"], holds=told.ended_at is None),
        Fact(_("Raised on"), date_format(told.at, "Y-m-d")),
    ]
    turned = TriggerEvent.objects.filter(fired=True, on__gt=since).select_related("rule")
    for event in turned.order_by("on", "id"):
        label = measure_in_words(event.rule.measure)
        said = _("%(day)s: %(figure)s, limit %(threshold)s") % {
            "day": event.on.isoformat(),
            "figure": percent(event.figure),
            "threshold": percent(event.threshold),
        }
        facts.append(Fact(_("Trigger: %(measure)s") % {"measure": label}, said))
    if not turned:
        facts.append(Fact(_("Triggers of the pools"), _("none has turned yet")))
    return facts


def act() -> Act:
    """Stop it, or let it come again."""
    if LESSOR in silent_since():
        return Act("resume", _("Let Anda's collections come again"))
    return Act("stop", _("Stop Anda's sweep"))


def stop() -> str:
    """From tomorrow nothing of Anda arrives."""
    day = stop_sweep(LESSOR)
    return _("Since %(day)s nothing of Anda arrives any more. A day passes in seconds: look again"
             " soon.") % {"day": day.isoformat()}  # fmt: skip


def resume() -> str:
    """With the next day everything comes that was paid meanwhile."""
    resume_sweep(LESSOR)
    return _("With the next day Anda's collections come again, and what was paid meanwhile.")
