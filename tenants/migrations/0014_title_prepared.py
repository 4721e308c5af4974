from django.db import migrations, models

STATEMENTS = [
    """
    CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON public.tenants_titleprepared
    FOR EACH STATEMENT EXECUTE FUNCTION public.tenants_title_refuse()
    """,
    "REVOKE UPDATE, DELETE, TRUNCATE ON public.tenants_titleprepared FROM ll_app",
]


class Migration(migrations.Migration):
    """An epoch's root is stored before it is signed: after a crash the same one is signed again."""

    dependencies = [("tenants", "0013_map_keys_rotate")]
    operations = [
        migrations.CreateModel(
            name="TitlePrepared",
            fields=[
                ("epoch", models.BigIntegerField(primary_key=True, serialize=False)),
                ("text", models.TextField()),
                ("key", models.CharField(max_length=400)),
            ],
        ),
        migrations.RunSQL(STATEMENTS, migrations.RunSQL.noop),
    ]
