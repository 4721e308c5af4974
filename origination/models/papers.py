"""Papers of leased vehicles as they were noted; of each kind the one noted last counts."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from origination.models.book import Lease


class VehiclePaper(models.Model):
    """One insurance, registration or mortgage (`domain.papers`); a new one follows the old."""

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="papers")
    paper = models.CharField(_("paper"), max_length=24)
    number = models.CharField(_("number"), max_length=60)
    party = models.CharField(_("insurer or office"), max_length=120)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True)
    noted_by = models.UUIDField()
    noted_at = models.DateTimeField(_("noted at"))
    entry_index = models.BigIntegerField(_("ledger entry"))

    class Meta:
        ordering = ["lease", "paper", "-pk"]
        indexes = [models.Index(fields=["lease", "paper", "-id"], name="papers_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="paper_ends_after_it_begins",
            )
        ]

    def __str__(self):
        return f"{self.paper} {self.number}"
