"""The title registry's tables; written through `tenants.registry` only."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.models.institutions import Tenant


class RightState(models.TextChoices):
    """What has become of a claim on a right."""

    CLAIMED = "claimed", _("Claimed")
    RESERVED = "reserved", _("Reserved")
    PLEDGED = "pledged", _("Pledged")
    SOLD = "sold", _("Sold")
    RELEASED = "released", _("Released")


class RightClaim(models.Model):
    """One identifier of one claim on one right of a vehicle, by its index under one key.

    Several institutions may have `claimed` the same right; the exclusion constraint lets only one
    of them be reserved, pledged or sold at any time. While the index key is rotated there is a row
    for each of both keys, so that the constraint holds under both.
    """

    TAKEN = (RightState.RESERVED, RightState.PLEDGED, RightState.SOLD)

    claim_id = models.UUIDField()
    claimant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", null=True)
    right = models.CharField(max_length=16)
    asset_index = models.BinaryField(max_length=32)
    key_version = models.PositiveSmallIntegerField()
    #: the identifier, encrypted; null in rows from before it was kept
    sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=RightState.choices)
    period = DateTimeRangeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim_id", "right", "asset_index"], name="right_claim_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=RightState.values), name="right_claim_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(right__in=["ownership", "receivables", "mortgage", "residual"]),
                name="right_claim_right_known",
            ),
            ExclusionConstraint(
                name="right_taken_once",
                expressions=[
                    ("asset_index", RangeOperators.EQUAL),
                    ("right", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(state__in=["reserved", "pledged", "sold"]),
            ),
        ]
        indexes = [models.Index(fields=["asset_index", "right"], name="right_claim_by_asset")]

    def __str__(self):
        return f"{self.right} · {self.claim_id} · {self.state}"


class TitleKeyring(models.Model):
    """Which index keys are in use: one row, read FOR SHARE by every change of the registry.

    `other` is the key that follows (it is being filled) or the one before (not dropped yet); a
    claim is written under both. Each step of a rotation updates the row: a transaction that read
    it earlier has ended by then, or fails to serialise.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    current = models.PositiveSmallIntegerField(default=1)
    other = models.PositiveSmallIntegerField(null=True)
    filled_to = models.BigIntegerField(default=0)  # claim rows up to this id are filled
    sealing = models.PositiveSmallIntegerField(
        default=1
    )  # the key that identifiers are sealed with
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="title_keyring_is_one_row"),
            models.CheckConstraint(
                condition=models.Q(other=None)
                | models.Q(other=models.F("current") + 1)
                | models.Q(other=models.F("current") - 1),
                name="title_keyring_neighbours",
            ),
        ]

    def __str__(self):
        return f"{self.current} / {self.other}"
