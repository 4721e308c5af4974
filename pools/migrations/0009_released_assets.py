from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pools", "0008_payment_anchored")]

    operations = [
        migrations.AddField("poolasset", "released_at", models.DateTimeField(null=True)),
        migrations.AddField("poolasset", "released_index", models.BigIntegerField(null=True)),
        migrations.AddField(
            "poolasset",
            "release_reason",
            models.CharField(
                blank=True,
                choices=[
                    ("settled", "Nothing is owed any more"),
                    ("disposed", "The vehicle was sold"),
                    ("replaced", "Replaced by another asset"),
                    ("debt_paid", "The debt is paid"),
                ],
                db_default="",
                max_length=12,
            ),
        ),
    ]
