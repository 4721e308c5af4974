"""A single entry has both halves of its content; nobody writes by an old snapshot."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0036_title_proofs_of_pools")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
