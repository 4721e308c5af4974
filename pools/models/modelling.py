"""Model versions: what was trained on what, how it stood its tests, who let it be used."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class ModelState(models.TextChoices):
    TRAINED = "trained", _("Trained")
    PROMOTED = "promoted", _("Champion")
    RETIRED = "retired", _("Retired")


_FAMILIES = {"boosting": _("Gradient boosting"), "scorecard": _("Scorecard")}


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
        return _FAMILIES.get(self.family, self.family)


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
