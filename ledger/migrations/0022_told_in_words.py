"""What went wrong with a witness is kept as a template and its values, not as an English text."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0019_one_check")]

    operations = [
        migrations.AddField("witness", "params", models.JSONField(default=dict)),
        migrations.AddField("witnessword", "params", models.JSONField(default=dict)),
    ]
