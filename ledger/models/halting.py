"""Why nothing was written to the log any more, and what let it go on."""

from django.db import models


class Halt(models.Model):
    """A reason of a standstill. `code`, `detail` (a template) and `params` are the refusal.

    While any stands (`lifted_at` is None) the head's `halted_at` refuses every entry. Written and
    lifted by functions of the database alone (`ledger/sql/halt.sql`), and never removed.
    """

    code = models.CharField(max_length=40)
    detail = models.CharField(max_length=400)
    params = models.JSONField(default=dict)
    halted_at = models.DateTimeField()
    findings = models.IntegerField(default=1)  # how often it was found: who lifts names what he saw
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        db_table = "ledger_halt"

    def __str__(self):
        return f"{self.code} since {self.halted_at}"
