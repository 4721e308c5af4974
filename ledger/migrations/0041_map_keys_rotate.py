from django.db import migrations, models

#: Places of before are those of the only key that there was.
_KEEP = """
    UPDATE ledger_title_watch SET vrf_key = coalesce(decode(
        (SELECT fields->>'vrf_key' FROM ledger_title_root ORDER BY epoch DESC LIMIT 1), 'base64'
    ), '')
"""


class Migration(migrations.Migration):
    """The place of a right is watched under the key that drew it."""

    dependencies = [("ledger", "0040_reasons_of_a_standstill")]
    operations = [
        migrations.AddField(
            "titlewatch",
            "vrf_key",
            models.BinaryField(default=b"", max_length=32),
            preserve_default=False,
        ),
        migrations.RunSQL(_KEEP, migrations.RunSQL.noop),
        migrations.AddIndex(
            "titlerootseen",
            models.Index(
                fields=["source", "epoch"],
                name="ledger_title_root_hands_over",
                condition=models.Q(fields__has_key="old_key"),
            ),
        ),
    ]
