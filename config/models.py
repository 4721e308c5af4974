"""What the demo has done so far: one row a finished step, in the shared schema."""

from django.db import models


class DemoStep(models.Model):
    """A finished step of the demo. Written in the step's own transaction, so that a process killed
    in the middle leaves either the step's work and this row, or neither."""

    key = models.CharField(max_length=40, primary_key=True)
    seconds = models.FloatField()
    facts = models.JSONField(default=dict)
    done_at = models.DateTimeField()

    def __str__(self):
        return self.key
