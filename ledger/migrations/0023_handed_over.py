from django.db import migrations, models


class Migration(migrations.Migration):
    """A copy keeps the checkpoints at which its log's key changed: a restored log needs them."""

    dependencies = [("ledger", "0022_told_in_words")]
    operations = [
        migrations.AddField("replica", "handovers", models.JSONField(default=list)),
    ]
