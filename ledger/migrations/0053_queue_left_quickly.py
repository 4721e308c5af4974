"""Leaving the queue asks for erased contents only where a leaf is another."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0052_anchor_targets_removable")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
