"""Alerts: what somebody should look at now."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    """How soon; the names are the design system's tones."""

    INFO = "info", _("For information")
    WARNING = "warning", _("Look today")
    DANGER = "danger", _("Look now")


class Ending(models.TextChoices):
    """Why an alert closed by itself."""

    CURED = "cured", _("Cured")
    GRAVER = "graver", _("Followed by a graver alert")
    RETURNED = "returned", _("The vehicle reports as usual again")


class Alert(models.Model):
    """One alert. `id` rises in the order of commits, so that it is a cursor nothing can slip past.

    `code` names a text (`monitoring.texts`) that is filled with `params` in the reader's language.
    Alerts of one code, subject and topic are shown as one row. An alert is open until somebody
    acknowledges it or its cause ends.
    """

    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    subject_kind = models.CharField(max_length=12)
    subject_id = models.UUIDField()
    topic = models.CharField(max_length=40, blank=True)  # which of a pool's triggers
    pool_id = models.UUIDField(null=True)
    params = models.JSONField(default=dict)
    leases = ArrayField(models.UUIDField(), default=list)  # of an alert about many
    ledger_index = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.UUIDField(null=True)
    reason = models.CharField(max_length=200, blank=True)  # given with the acknowledgement
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=8, choices=Ending.choices, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(severity__in=["info", "warning", "danger"]),
                name="monitoring_alert_severity_known",
            ),
            models.CheckConstraint(
                condition=Q(subject_kind__in=["asset", "pool", "lessor"]),
                name="monitoring_alert_subject_known",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="monitoring_alert_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="")
                | Q(ended_at__isnull=False, ending__in=["cured", "graver", "returned"]),
                name="monitoring_alert_ended_by_something",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-id"],
                name="monitoring_alert_open",
                condition=Q(acknowledged_at__isnull=True, ended_at__isnull=True),
            ),
            models.Index(fields=["subject_id", "-id"], name="monitoring_alert_subject"),
        ]

    def __str__(self):
        return f"{self.code} {self.subject_id}"

    @property
    def state(self):
        if self.acknowledged_at is not None:
            return "acknowledged"
        return "open" if self.ended_at is None else "ended"
