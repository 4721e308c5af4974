"""The triggers of a deal and what became of them."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class TriggerRule(models.Model):
    """One trigger: thresholds are rows of [date, value] from which `TriggerTerms` is made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pool_id = models.UUIDField()
    code = models.CharField(max_length=40)
    measure = models.CharField(max_length=40)
    comparison = models.CharField(max_length=8)
    thresholds = models.JSONField()
    curable = models.BooleanField(default=True)
    effects = ArrayField(models.CharField(max_length=24))
    is_active = models.BooleanField(default=False)  # fired and not cured

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool_id", "code"], name="monitoring_trigger_once"),
            models.CheckConstraint(
                condition=Q(comparison__in=["above", "below"]),
                name="monitoring_trigger_comparison_known",
            ),
        ]

    def __str__(self):
        return f"{self.code} of {self.pool_id}"


class TriggerEvent(models.Model):
    """A trigger turned on or off, with the figure that did it and its ledger entry."""

    rule = models.ForeignKey(TriggerRule, on_delete=models.PROTECT, related_name="events")
    on = models.DateField()
    fired = models.BooleanField()  # False: cured
    figure = models.DecimalField(max_digits=14, decimal_places=8)
    threshold = models.DecimalField(max_digits=14, decimal_places=8)
    ledger_index = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["rule", "-at"], name="monitoring_trigger_event")]

    def __str__(self):
        return f"{self.rule} {'fired' if self.fired else 'cured'} on {self.on}"
