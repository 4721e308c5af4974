from django.db import migrations, models


class Migration(migrations.Migration):
    """When a restored checkpoint was sealed may not be known."""

    dependencies = [("ledger", "0031_cover")]
    operations = [
        migrations.AlterField(
            model_name="checkpoint",
            name="sealed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
