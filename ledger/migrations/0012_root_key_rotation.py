"""What the root key wraps is wrapped anew, and held while it is stored."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0011_witness_words")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
