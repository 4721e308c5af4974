"""What the trust follows. Terms and bank lines of shared leases are kept once, in `pools`."""

from django.db import models


class WatchedPool(models.Model):
    """A pool whose performance is followed."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=80)
    closed_on = models.DateField()
    closing_minor = models.BigIntegerField()  # balance of its assets when it closed

    def __str__(self):
        return self.name


class WatchedLease(models.Model):
    """Monitoring's own word on an asset: its pool, and whether it is due for a roll."""

    lease_rid = models.UUIDField(primary_key=True)
    pool = models.ForeignKey(WatchedPool, on_delete=models.PROTECT, null=True, related_name="+")
    touched = models.BooleanField(default=True)  # something arrived since the last roll-forward

    class Meta:
        indexes = [
            models.Index(
                fields=["lease_rid"],
                name="monitoring_lease_touched",
                condition=models.Q(touched=True),
            )
        ]

    def __str__(self):
        return str(self.lease_rid)
