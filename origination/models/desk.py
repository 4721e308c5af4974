"""Applications before the approval desk, their versions, and who may approve how much.

An application's state is the end of its steps (`models.life.LifeStep`), under the id that its lease
will have. That who sent a version approves none of it is a rule of the database, too (a trigger).
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Application(models.Model):
    """Somebody wants a lease. `lease_rid` is the id that the lease will have."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    lease_rid = models.UUIDField(unique=True)
    opened_by = models.UUIDField()
    opened_at = models.DateTimeField(_("sent at"))

    class Meta:
        ordering = ["-opened_at", "rid"]

    def __str__(self):
        return str(self.rid)


class ApplicationVersion(models.Model):
    """What was sent: every field of the lease as it shall be, whole each time.

    `confirmed`: fields whose warnings the sender confirmed; `answer`: to the desk's questions.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    contract_number = models.CharField(_("contract number"), max_length=80)
    lessee_name = models.CharField(_("lessee"), max_length=80)
    currency = models.CharField(max_length=3)
    financed_amount_minor = models.BigIntegerField(_("financed amount"))
    record = models.JSONField()
    confirmed = models.JSONField(default=list)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    sent_by = models.UUIDField()
    sent_at = models.DateTimeField(_("sent at"))
    entry_index = models.BigIntegerField(_("ledger entry"))

    class Meta:
        ordering = ["application", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "number"], name="application_version_once"
            ),
            models.CheckConstraint(
                condition=Q(financed_amount_minor__gt=0), name="application_amount_positive"
            ),
        ]

    def __str__(self):
        return f"{self.contract_number} {self.number}"


class ApprovalLimits(models.Model):
    """What each role may approve from a day on; never changed, the next version follows it."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    starts_on = models.DateField(_("from"))
    currency = models.CharField(max_length=3)
    up_to = models.JSONField()  # role → minor units
    set_by = models.UUIDField()
    set_at = models.DateTimeField(_("set at"))
    entry_index = models.BigIntegerField(_("ledger entry"), unique=True)

    class Meta:
        ordering = ["-starts_on", "-entry_index"]

    def __str__(self):
        return f"{self.starts_on} {self.currency}"
