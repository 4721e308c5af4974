"""What a pool's triggers have made of its deal: asked by pools before each distribution."""

from datetime import date

from monitoring.models import TriggerEvent
from monitoring.performance.triggers import Effect
from pools.models import Pool
from pools.structure.terms import Status

_MEANS = {
    Effect.ACCELERATE: Status.ACCELERATED,
    Effect.TURBO: Status.ACCELERATED,  # everything repays the notes, in the order of rank
    Effect.STOP_REVOLVING: Status.AMORTISING,
}


def status_from_triggers(pool: Pool, day: date) -> Status | None:
    """The gravest effect of the triggers that stand fired before a day; None without any."""
    events = TriggerEvent.objects.filter(rule__pool_id=pool.pk, on__lt=day)
    newest = {event.rule_id: event for event in events.select_related("rule").order_by("on", "at")}
    effects = {
        Effect(effect) for event in newest.values() if event.fired for effect in event.rule.effects
    }
    meant = [_MEANS[effect] for effect in effects if effect in _MEANS]
    if Status.ACCELERATED in meant:
        return Status.ACCELERATED
    return meant[0] if meant else None
