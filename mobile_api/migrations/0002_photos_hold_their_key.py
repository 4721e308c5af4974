"""A photo that is being stored keeps its key-encryption key from being retired."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("mobile_api", "0001_photo"), ("ledger", "0010_key_rotation")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
