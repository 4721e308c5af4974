"""A pool's defaults are held against its balance at closing, the others' against what was lent."""

from django.db import migrations, models

_LENT = """
    UPDATE monitoring_assetperformance AS position SET original_minor = asset.financed_amount_minor
    FROM pools_asset AS asset WHERE asset.rid = position.lease_rid
"""


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0003_one_projection"),
        ("pools", "0003_deals"),
    ]

    operations = [
        migrations.AddField(
            "watchedpool",
            "closing_minor",
            models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL(_LENT, migrations.RunSQL.noop),
    ]
