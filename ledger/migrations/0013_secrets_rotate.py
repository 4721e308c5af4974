"""What a revoked key signed never comes after its revocation; private halves are dropped."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0012_root_key_rotation")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
