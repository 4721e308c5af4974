from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    """A chain of statements on what was taken in: what is removed later is missed."""

    dependencies = [("ledger", "0032_title_map")]
    operations = [
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("about", models.UUIDField()),
                ("number", models.BigIntegerField()),
                ("statement", models.BinaryField()),
                ("mac", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_receipt",
                "constraints": [
                    models.UniqueConstraint(fields=("about", "number"), name="ledger_receipt_once")
                ],
            },
        ),
        migrations.AlterField(
            "tenantsecret",
            "purpose",
            models.CharField(
                choices=[
                    ("sign", "Signing entries"),
                    ("cosign", "Cosigning replicas"),
                    ("receive", "Receiving parcels"),
                    ("attest", "Stating what came"),
                ],
                max_length=10,
            ),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
