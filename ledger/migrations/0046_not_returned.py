"""What did not come back with a copy is kept beside the restoration."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0041_map_keys_rotate")]
    operations = [
        migrations.AddField("restoration", "not_returned", models.JSONField(default=dict)),
    ]
