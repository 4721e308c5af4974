"""What this tenant took in, so that a row that is removed later is missed."""

from django.db import models


class Receipt(models.Model):
    """One statement of a chain under a key that the database does not hold (`ledger.receipts`)."""

    about = models.UUIDField()  # whose log: a copy's source, or this tenant
    number = models.BigIntegerField()  # 0, 1, …
    statement = models.BinaryField()
    mac = models.BinaryField()

    class Meta:
        db_table = "ledger_receipt"
        constraints = [
            models.UniqueConstraint(fields=["about", "number"], name="ledger_receipt_once"),
        ]

    def __str__(self):
        return f"receipt {self.number} of {self.about}"
