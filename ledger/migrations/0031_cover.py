from django.db import migrations, models


class Migration(migrations.Migration):
    """A copy keeps the note that its newest entries came under beside the one that was promised."""

    dependencies = [("ledger", "0030_halts")]
    operations = [
        migrations.AddField("replica", "cover", models.BinaryField(null=True)),
        migrations.AddField("replica", "cover_tail", models.BinaryField(default=b"")),
    ]
