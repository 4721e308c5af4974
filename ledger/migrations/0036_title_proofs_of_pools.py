from django.db import migrations, models


class Migration(migrations.Migration):
    """A proof may answer for all leases of a pool; an answer that does not hold is an alarm."""

    dependencies = [("ledger", "0035_one_at_a_time")]
    operations = [
        migrations.RemoveIndex("titleproofkept", "ledger_title_proof_claim"),
        migrations.RenameField("titleproofkept", "claim_id", "subject_id"),
        migrations.RemoveField("titleproofkept", "right"),
        migrations.AddField(
            "titleproofkept", "answers", models.IntegerField(default=1), preserve_default=False
        ),
        migrations.AddField("titleproofkept", "taken", models.JSONField(default=list)),
        migrations.AlterField(
            "titleproofkept",
            "verdict",
            models.CharField(
                choices=[
                    ("free", "Nobody holds it"),
                    ("held", "Held by this institution"),
                    ("mixed", "Held in part by this institution, the rest by nobody"),
                    ("taken", "Somebody holds it"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            "titleproofkept",
            models.Index(fields=["subject_id", "-id"], name="ledger_title_proof_of"),
        ),
        migrations.AlterField(
            "titlealarm",
            "kind",
            models.CharField(
                choices=[
                    ("different", "Two roots for one epoch"),
                    ("broken", "An epoch does not follow the one before"),
                    ("unsigned", "A root that the platform did not sign"),
                    ("missing", "A right of ours is not in the map"),
                    ("unproven", "An answer of the registry does not hold"),
                ],
                max_length=10,
            ),
        ),
    ]
