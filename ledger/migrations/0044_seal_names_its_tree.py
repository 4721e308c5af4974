"""A checkpoint that is stored names the tree it is of."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0043_turns")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
