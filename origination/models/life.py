"""The history of leases: every move with the ledger entry that it came with (`domain.life`).

There is no column for the state: it is the last step's. What keeps the steps one path of the
machine is in the database: each (from, move, to) is an edge of it, numbers count up without gaps,
each step starts in the state in which the one before it ended (a foreign key to that step), and a
step is never changed or removed. A write-off follows the request of somebody else (a trigger).
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from origination.domain.life.machine import AT_THE_DESK, BEGINNINGS, Move, edges
from origination.models.book import Lease

_EDGES = Q()
for _start, _move, _end in edges():
    _EDGES |= Q(state_from=_start.value, move=_move.value, state=_end.value)


class LifeStep(models.Model):
    """One move of a lease, or of the application that it comes from. `rid` is the lease's id.

    `facts` are the entry's fields that belong to the move alone.
    """

    rid = models.UUIDField()
    number = models.PositiveIntegerField()
    previous = models.PositiveIntegerField(null=True)
    move = models.CharField(max_length=16)
    state_from = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=16)
    on = models.DateField(_("counts from"))
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, null=True, related_name="steps")
    facts = models.JSONField()
    client = models.CharField(max_length=80, blank=True)
    by = models.UUIDField()
    at = models.DateTimeField(_("at"))
    entry_index = models.BigIntegerField(_("ledger entry"))

    class Meta:
        ordering = ["rid", "number"]
        constraints = [
            models.UniqueConstraint(fields=["rid", "number"], name="life_step_once"),
            models.UniqueConstraint(fields=["rid", "number", "state"], name="life_step_ends"),
            models.CheckConstraint(condition=_EDGES, name="life_step_is_an_edge"),
            models.CheckConstraint(
                condition=Q(
                    number=1, previous=None, state_from__in=[state.value for state in BEGINNINGS]
                )
                | Q(number__gt=1, previous__isnull=False, previous=F("number") - 1),
                name="life_step_follows",
            ),
            models.CheckConstraint(
                condition=Q(lease__isnull=False, lease=F("rid"))
                | Q(lease=None, state__in=sorted(state.value for state in AT_THE_DESK)),
                name="life_step_of_a_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["lease", "-number"], name="life_steps_newest"),
            models.Index(
                fields=["rid"], name="life_step_asks", condition=Q(move=Move.ASK_WRITE_OFF.value)
            ),
        ]

    def __str__(self):
        return f"{self.rid} {self.number} {self.move}"
