import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("origination", "0002_financing"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReferenceFile",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("dialect", models.CharField(max_length=40, verbose_name="kind")),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("rows", models.PositiveIntegerField(verbose_name="rows")),
                ("taken", models.PositiveIntegerField(verbose_name="taken")),
                ("table", models.BinaryField()),
                ("figures", models.JSONField()),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                ("imported_by", models.UUIDField()),
                ("imported_at", models.DateTimeField(verbose_name="imported at")),
            ],
            options={
                "ordering": ["-imported_at"],
            },
        ),
        migrations.CreateModel(
            name="ReferenceFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("field", models.CharField(max_length=60)),
                ("code", models.CharField(max_length=40)),
                ("value", models.CharField(blank=True, max_length=120)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="origination.referencefile",
                    ),
                ),
            ],
            options={
                "ordering": ["row", "field"],
            },
        ),
    ]
