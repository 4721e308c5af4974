from django.db import migrations, models

#: Places of before are those of the only key that there was; without an epoch they are drawn anew.
_KEEP = """
    UPDATE public.tenants_titleindex SET vrf_key = decode(
        (SELECT fields->>'vrf_key' FROM public.tenants_titleepoch ORDER BY epoch DESC LIMIT 1),
        'base64'
    ) WHERE EXISTS (SELECT FROM public.tenants_titleepoch)
"""
_DROP = "DELETE FROM public.tenants_titleindex WHERE vrf_key = ''::bytea"


class Migration(migrations.Migration):
    """A right has a place under each key of the map's VRF while one replaces the other."""

    dependencies = [("tenants", "0012_title_queries_of_pools")]
    operations = [
        migrations.AddField(
            "titleindex",
            "vrf_key",
            models.BinaryField(default=b"", max_length=32),
            preserve_default=False,
        ),
        migrations.RunSQL([_KEEP, _DROP], migrations.RunSQL.noop),
        migrations.RemoveConstraint("titleindex", "title_index_once"),
        migrations.AddConstraint(
            "titleindex",
            models.UniqueConstraint(
                fields=["asset_index", "right", "vrf_key"], name="title_index_of_key"
            ),
        ),
        migrations.AddIndex(
            "titleepoch",
            models.Index(
                fields=["epoch"],
                name="title_epoch_hands_over",
                condition=models.Q(fields__has_key="old_key"),
            ),
        ),
    ]
