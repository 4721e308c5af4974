from django.db import migrations, models


class Migration(migrations.Migration):
    """A check says who could not be asked."""

    dependencies = [("ledger", "0025_fork_rulings")]
    operations = [
        migrations.AddField(
            model_name="ledgercheck",
            name="unheard",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
    ]
