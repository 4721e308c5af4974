"""What a parcel is checked with is found by its kind, not by reading the whole copy; and items come
beside entries that have some."""

from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0055_newest_by_number")]
    operations = [
        migrations.AddIndex(
            "replicaentry",
            models.Index(fields=["source", "kind"], name="ledger_replica_kind"),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
