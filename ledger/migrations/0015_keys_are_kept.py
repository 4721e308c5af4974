"""The application changes no key that wraps, opens or signs: functions and a trigger do."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0014_erasures")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
