"""Filters that people saved, and what was done to many rows at once."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """Filters of the leases' list under a name; `chosen` holds codes, never what was searched."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.UUIDField()
    name = models.CharField(_("name"), max_length=60)
    chosen = models.JSONField()
    is_shared = models.BooleanField(_("Share with colleagues"), default=False)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "saved_at"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="filter_name_once")]

    def __str__(self):
        return self.name
