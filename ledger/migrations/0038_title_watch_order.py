from django.db import migrations, models

#: What was found before this was kept: after the newest root that this ledger holds, at the latest.
_NEWEST = """
    UPDATE ledger_title_watch
    SET seen_epoch = coalesce((SELECT max(epoch) FROM ledger_title_root), 0)
"""


class Migration(migrations.Migration):
    """Rights are expected in the map by the order of our own ledger; two more kinds of alarm."""

    dependencies = [("ledger", "0037_plain_arrays")]
    operations = [
        migrations.AddField(
            "titlewatch",
            "seen_epoch",
            models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL(_NEWEST, migrations.RunSQL.noop),
        migrations.AddField("titlecheck", "looked_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "titlealarm",
            "kind",
            models.CharField(
                choices=[
                    ("different", "Two roots for one epoch"),
                    ("broken", "An epoch does not follow the one before"),
                    ("untimely", "The time of an epoch cannot be true"),
                    ("malformed", "A root of the platform that cannot be read"),
                    ("unsigned", "A root that the platform did not sign"),
                    ("missing", "A right of ours is not in the map"),
                    ("unproven", "An answer of the registry does not hold"),
                ],
                max_length=10,
            ),
        ),
    ]
