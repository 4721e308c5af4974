"""Problem assets: found, a remedy proposed, done."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Cause(models.TextChoices):
    """Why an asset is a problem."""

    DELINQUENT = "delinquent", _("More than 60 days past due")
    DEFAULTED = "defaulted", _("Defaulted")
    SILENT = "silent", _("The vehicle does not report")
    ENCUMBERED = "encumbered", _("Encumbered elsewhere")


class Remedy(models.TextChoices):
    """What can be done about it."""

    REPLACE = "replace", _("Replace by an asset of like kind")
    REPURCHASE = "repurchase", _("The lessor buys it back")
    DISPOSE = "dispose", _("Recover and sell the vehicle")


class ProblemAsset(models.Model):
    """One problem of one asset, open until it is done; an asset has one open problem at most."""

    lease_rid = models.UUIDField()
    lessor_id = models.UUIDField()
    pool_id = models.UUIDField(null=True)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    found_at = models.DateTimeField()
    remedy = models.CharField(max_length=12, choices=Remedy.choices, blank=True)
    proposed_by = models.UUIDField(null=True)
    proposed_at = models.DateTimeField(null=True)
    done_by = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lease_rid"],
                condition=Q(done_at__isnull=True),
                name="monitoring_one_open_problem",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | ~Q(remedy=""),
                name="monitoring_done_by_a_remedy",
            ),
        ]
        indexes = [models.Index(fields=["done_at", "-found_at"], name="monitoring_problem_open")]

    def __str__(self):
        return f"{self.cause} {self.lease_rid}"

    @property
    def state(self):
        if self.done_at:
            return "done"
        return "submitted" if self.remedy else "open"
