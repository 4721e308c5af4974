"""The newest check and refusal are those that were stored last, whatever the clock said."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0052_anchor_targets_removable")]
    operations = [
        migrations.RemoveIndex("ledgercheck", "ledger_check_latest"),
        migrations.AddIndex(
            "ledgercheck", models.Index(fields=["source", "-id"], name="ledger_check_latest")
        ),
        migrations.RemoveIndex("refusal", "ledger_refusal_other"),
        migrations.AddIndex(
            "refusal", models.Index(fields=["other", "-id"], name="ledger_refusal_other")
        ),
    ]
