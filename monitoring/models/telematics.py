"""What vehicles report, by day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class TelematicsDaily(models.Model):
    """One vehicle's day, as its lessor's service key signed it."""

    lease_rid = models.UUIDField()
    lessor_id = models.UUIDField()
    day = models.DateField()
    kilometres = models.DecimalField(max_digits=9, decimal_places=1)
    trips = models.IntegerField(default=0)
    last_seen_at = models.DateTimeField(null=True)
    province = models.CharField(max_length=2, blank=True)
    alarms = ArrayField(models.CharField(max_length=20), default=list)
    known_at = models.DateTimeField()
    ledger_index = models.BigIntegerField()  # of the batch, in the lessor's log

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lease_rid", "day"], name="monitoring_vehicle_day")
        ]
        indexes = [models.Index(fields=["-day", "province"], name="monitoring_vehicle_province")]

    def __str__(self):
        return f"{self.lease_rid} on {self.day}"
