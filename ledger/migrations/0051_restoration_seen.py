"""Who has seen what a restored ledger came back without."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0050_seal_at_turns")]
    operations = [
        migrations.AddField("restoration", "seen_at", models.DateTimeField(null=True)),
        migrations.AddField("restoration", "seen_by", models.UUIDField(null=True)),
    ]
