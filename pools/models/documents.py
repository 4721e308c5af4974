"""Documents that were issued; their bytes are files named by their hash."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentKind(models.TextChoices):
    """What a document is."""

    CIRCULAR = "circular", _("Offering circular")
    TAPE = "tape", _("Asset-level tape")
    DECISION = "decision", _("Decision bundle")


class IssuedDocument(models.Model):
    """One document; `id` is its record id on the ledger."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=DocumentKind.choices)
    subject_id = models.UUIDField()  # the pool
    title = models.CharField(max_length=200)
    language = models.CharField(max_length=10)
    media_type = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    pages = models.IntegerField(default=0)
    issued_by = models.UUIDField()
    issued_at = models.DateTimeField()
    ledger_index = models.BigIntegerField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["subject_id", "-ledger_index"], name="pools_document_of")]

    def __str__(self):
        return self.title
