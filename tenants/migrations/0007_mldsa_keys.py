"""The directory takes ML-DSA-44 keys, and the log's second key."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0006_hot_ledger"),
    ]

    operations = [
        migrations.AlterField(
            model_name="publishedkey",
            name="key",
            field=models.CharField(max_length=2200),
        ),
        migrations.AlterField(
            model_name="publishedkey",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("log", "Log"),
                    ("cosigner", "Cosigner"),
                    ("parcels", "Parcels"),
                    ("log_mldsa", "Log, ML-DSA-44"),
                ],
                max_length=10,
            ),
        ),
    ]
