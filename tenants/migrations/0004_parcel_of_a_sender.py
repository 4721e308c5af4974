"""Two counterparties may cosign the same checkpoint: a parcel is known by its sender too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_right_claim"),
    ]

    operations = [
        migrations.RemoveConstraint("parcel", "parcel_once"),
        migrations.AddConstraint(
            "parcel",
            models.UniqueConstraint(
                fields=["receiver", "sender", "subject", "log_origin", "from_index", "to_index"],
                name="parcel_once",
            ),
        ),
    ]
