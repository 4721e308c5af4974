"""Terms and bank lines of shared leases are kept once, in `pools`."""

from django.db import migrations

_COPIED = (
    "lessor_id", "contract_number", "currency", "financed_amount_minor", "rent_minor",
    "annual_nominal_rate", "term_months", "first_payment_on", "maturity_on", "rent_pattern",
    "rent_timing", "residual_minor", "residual_kind",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0002_watched"),
    ]

    operations = [
        migrations.DeleteModel("WatchedPayment"),
        *(migrations.RemoveField("watchedlease", name) for name in _COPIED),
    ]
