"""Screening runs and the figures of every asset in them."""

import uuid

from django.db import models

from pools.models.assets import Asset
from pools.models.modelling import ModelVersion


class ScreeningRun(models.Model):
    """Every open asset looked at on one day; `id` is the record id on the trust's ledger."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    as_of = models.DateField()
    at = models.DateTimeField()
    by = models.UUIDField()
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="runs")
    policy = models.JSONField()
    input_hash = models.CharField(max_length=64)
    results_root = models.CharField(max_length=64)
    assets = models.IntegerField()
    totals = models.JSONField()
    ledger_index = models.BigIntegerField()

    def __str__(self):
        return f"{self.as_of} ({self.assets})"


class AssetResult(models.Model):
    """One asset's figures in one run, in minor units of its currency."""

    run = models.ForeignKey(ScreeningRun, on_delete=models.CASCADE, related_name="results")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="results")
    position = models.IntegerField()  # of its leaf under the run's root
    rents_minor = models.BigIntegerField()
    principal_minor = models.BigIntegerField()
    arrears_minor = models.BigIntegerField()
    vehicle_p10_minor = models.BigIntegerField()
    vehicle_p50_minor = models.BigIntegerField()
    vehicle_p90_minor = models.BigIntegerField()
    receivable_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    net_uncapped_minor = models.BigIntegerField()
    expected_loss_minor = models.BigIntegerField()
    discount_rate = models.DecimalField(max_digits=9, decimal_places=6)
    probability = models.DecimalField(max_digits=9, decimal_places=6)
    days_past_due = models.IntegerField()
    defaulted = models.BooleanField()
    months_on_book = models.SmallIntegerField()
    months_left = models.SmallIntegerField()
    reasons = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "asset"], name="pools_result_once"),
        ]
        indexes = [models.Index(fields=["run", "-probability"], name="pools_result_risk")]

    def __str__(self):
        return f"{self.asset_id} in {self.run_id}"
