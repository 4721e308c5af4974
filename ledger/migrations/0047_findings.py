"""Each finding of a standstill is counted, so that lifting lifts what was seen."""

from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0046_not_returned")]
    operations = [
        migrations.AddField("halt", "findings", models.IntegerField(default=1)),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
