"""The verifiable map's tables; written through `ledger.titles` only.

All but `TitleIndex` are append-only: the application's role may insert and read, and a trigger
refuses the rest. A value of epoch N is the newest row of an epoch that is not after N.
"""

from django.db import models

from tenants.models.institutions import Tenant


class TitleIndex(models.Model):
    """The place in the map of a right on an asset: what a VRF put out for it, kept for speed.

    Under the VRF's public key: while it is being replaced a right has a place under either.
    """

    vrf_key = models.BinaryField(max_length=32)
    asset_index = models.BinaryField(max_length=32)
    right = models.CharField(max_length=16)
    map_index = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset_index", "right", "vrf_key"], name="title_index_of_key"
            )
        ]

    def __str__(self):
        return f"{self.right} · {bytes(self.map_index).hex()[:12]}"


class TitleEpoch(models.Model):
    """What the platform said of its map in one epoch: the fields of a `registry.root` entry."""

    epoch = models.BigIntegerField(primary_key=True)
    fields = models.JSONField()
    sealed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["epoch"],
                name="title_epoch_hands_over",
                condition=models.Q(fields__has_key="old_key"),
            )
        ]

    def __str__(self):
        return f"epoch {self.epoch}"


class TitlePrepared(models.Model):
    """What was to be signed of an epoch, stored before it was: the text, and the key (vkey)."""

    epoch = models.BigIntegerField(primary_key=True)
    text = models.TextField()
    key = models.CharField(max_length=400)

    def __str__(self):
        return f"epoch {self.epoch}, to be signed"


class TitleNode(models.Model):
    """A hash of the map's upper part, as computed in an epoch."""

    epoch = models.BigIntegerField()
    depth = models.SmallIntegerField()
    prefix = models.IntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["depth", "prefix", "epoch"], name="title_node_once")
        ]

    def __str__(self):
        return f"{self.depth}/{self.prefix} in epoch {self.epoch}"


class TitleLeaf(models.Model):
    """A right as it stands in the map since an epoch; without a commitment, none since then."""

    epoch = models.BigIntegerField()
    map_index = models.BinaryField(max_length=32)
    bucket = models.IntegerField()  # the first 16 bits of the index
    commitment = models.BinaryField(max_length=32, null=True)
    salt = models.BinaryField(max_length=32, null=True)
    state = models.CharField(max_length=10, blank=True)
    holder_id = models.UUIDField(null=True)
    claim_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["map_index", "epoch"], name="title_leaf_once")
        ]
        indexes = [models.Index(fields=["bucket"], name="title_leaf_by_bucket")]

    def __str__(self):
        return f"{bytes(self.map_index).hex()[:12]} since epoch {self.epoch}"


class TitleQuery(models.Model):
    """That an institution had proofs made for a lease or a pool; how often it may, hangs on it."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    actor_id = models.UUIDField()
    claim_id = models.UUIDField()  # the lease's, or the pool's id
    answers = models.IntegerField()
    epoch = models.BigIntegerField()
    asked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "-asked_at"], name="title_query_latest")]

    def __str__(self):
        return f"{self.answers} for {self.claim_id} in epoch {self.epoch}"
