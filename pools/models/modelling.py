"""Model versions: who asked for one, what it was trained on, how it stood its tests, who let it be
used."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class ModelState(models.TextChoices):
    TRAINED = "trained", _("Trained")
    PROMOTED = "promoted", _("Champion")
    RETIRED = "retired", _("Retired")


FAMILY_NAMES = {"boosting": _("Gradient boosting"), "scorecard": _("Scorecard")}


class ModelVersion(models.Model):
    """One trained suite; `id` is the record id on the trust's ledger."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=ModelState.choices, default=ModelState.TRAINED)
    trained_as_of = models.DateField()
    trained_at = models.DateTimeField()
    trained_by = models.UUIDField()
    seed = models.BigIntegerField()
    data_hash = models.CharField(max_length=64)
    code_version = models.CharField(max_length=64)
    notes = models.JSONField()
    artefact = models.BinaryField()
    artefact_sha256 = models.CharField(max_length=64)
    alpha = models.JSONField(null=True)
    beta = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="promoted"),
                name="pools_one_champion",
            )
        ]

    def __str__(self):
        return f"{self.family} {self.trained_as_of}"

    @property
    def family_name(self):
        """The kind of model in words."""
        return FAMILY_NAMES.get(self.family, self.family)


class ModelApproval(models.Model):
    """One person's yes to a model; two different people promote it."""

    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="approvals")
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "by"], name="pools_one_approval_each")
        ]

    def __str__(self):
        return f"{self.model_id} by {self.by}"


class ShadowRun(models.Model):
    """A forecast of every performing asset, on the ledger before its outcomes; `id` is the record
    id there. `forecast` is gzip-compressed text, one line an asset, under `forecast_root`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="shadow_runs")
    as_of = models.DateField()
    ends_on = models.DateField()
    months = models.SmallIntegerField()
    assets = models.IntegerField()
    forecast = models.BinaryField()
    forecast_root = models.CharField(max_length=64)
    simulated_time = models.BooleanField()
    started_at = models.DateTimeField()
    started_by = models.UUIDField()
    judged_at = models.DateTimeField(null=True)
    ledger_index = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model"], condition=models.Q(judged_at=None), name="pools_one_open_shadow"
            )
        ]

    def __str__(self):
        return f"{self.model_id} from {self.as_of}"


class TrialState(models.TextChoices):
    WAITING = "waiting", _("Training and testing")
    DONE = "done", _("Trained and tested")
    REFUSED = "refused", _("Stopped")


class ModelTrial(models.Model):
    """A person's wish for a model: trained, back-tested and set beside the live book by a job."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family = models.CharField(max_length=12)
    train_as_of = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField()
    state = models.CharField(max_length=8, choices=TrialState.choices, default=TrialState.WAITING)
    refusal = models.JSONField(null=True)  # detail and mend of the problem that stopped it
    model = models.OneToOneField(ModelVersion, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="waiting"),
                name="pools_one_trial_at_a_time",
            )
        ]

    def __str__(self):
        return f"{self.family} {self.train_as_of}"

    @property
    def family_name(self):
        """The kind of model in words."""
        return FAMILY_NAMES.get(self.family, self.family)
