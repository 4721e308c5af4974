from django.db import migrations, models


class Migration(migrations.Migration):
    """Proofs are asked for a lease or for a whole pool: how many rights each time is counted."""

    dependencies = [("tenants", "0011_title_map")]
    operations = [
        migrations.RemoveField("titlequery", "right"),
        migrations.AddField(
            "titlequery", "answers", models.IntegerField(default=1), preserve_default=False
        ),
    ]
