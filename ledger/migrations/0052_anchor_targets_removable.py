"""A target of anchors that never got one may be removed: its rights."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0051_restoration_seen")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
