"""The log itself, the keys that sign and encrypt it, and the queue before it."""

import django.db.models.functions.datetime
from django.db import migrations, models


#: A queue: all of it dies, again and again.
_QUEUE = """
    ALTER TABLE ledger_pending
    SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []
    replaces = [
        ("ledger", "0001_log"),
        ("ledger", "0002_functions"),
        ("ledger", "0003_pending"),
        ("ledger", "0004_refusals"),
        ("ledger", "0005_witnessing"),
        ("ledger", "0006_anchoring"),
        ("ledger", "0007_head_guard"),
        ("ledger", "0008_turns_at_the_head"),
        ("ledger", "0009_restoration"),
        ("ledger", "0010_key_rotation"),
        ("ledger", "0011_witness_words"),
        ("ledger", "0012_root_key_rotation"),
        ("ledger", "0013_secrets_rotate"),
        ("ledger", "0014_erasures"),
        ("ledger", "0015_keys_are_kept"),
        ("ledger", "0016_whole_entries"),
        ("ledger", "0017_shown_is_kept"),
        ("ledger", "0018_leaves_and_slips"),
        ("ledger", "0019_one_check"),
        ("ledger", "0022_told_in_words"),
        ("ledger", "0023_handed_over"),
        ("ledger", "0024_checks"),
        ("ledger", "0025_fork_rulings"),
        ("ledger", "0026_unheard"),
        ("ledger", "0028_leaves_without_subtransactions"),
        ("ledger", "0030_halts"),
        ("ledger", "0031_cover"),
        ("ledger", "0032_title_map"),
        ("ledger", "0033_restored_times"),
        ("ledger", "0034_receipts"),
        ("ledger", "0035_one_at_a_time"),
        ("ledger", "0036_title_proofs_of_pools"),
        ("ledger", "0037_plain_arrays"),
        ("ledger", "0038_title_watch_order"),
        ("ledger", "0040_reasons_of_a_standstill"),
        ("ledger", "0041_map_keys_rotate"),
        ("ledger", "0046_not_returned"),
        ("ledger", "0047_findings"),
        ("ledger", "0048_replaced_notes"),
        ("ledger", "0049_former_keys"),
        ("ledger", "0050_seal_at_turns"),
        ("ledger", "0051_restoration_seen"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("note", models.BinaryField()),
                ("sealed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_checkpoint",
            },
        ),
        migrations.CreateModel(
            name="Items",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("ciphertext", models.BinaryField(null=True)),
                ("wrapped_key", models.BinaryField(null=True)),
                ("kek_version", models.IntegerField()),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_items",
            },
        ),
        migrations.CreateModel(
            name="KeyEncryptionKey",
            fields=[
                ("version", models.IntegerField(primary_key=True, serialize=False)),
                ("wrapped", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_kek",
            },
        ),
        migrations.CreateModel(
            name="Payload",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("ciphertext", models.BinaryField(null=True)),
                ("wrapped_key", models.BinaryField(null=True)),
                ("kek_version", models.IntegerField()),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_payload",
            },
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("kid", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("rid", models.UUIDField(unique=True)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("device", "Device"),
                            ("back_office", "Back office"),
                            ("service", "Service"),
                        ],
                        max_length=12,
                    ),
                ),
                ("public_key", models.BinaryField()),
                ("label", models.CharField(blank=True, max_length=120)),
                ("holder_id", models.UUIDField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting for approval"),
                            ("approved", "Approved"),
                            ("revoked", "Revoked"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("enrolled_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_signing_key",
            },
        ),
        migrations.CreateModel(
            name="TenantSecret",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                (
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
                ("public_key", models.BinaryField()),
                ("wrapped", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "ledger_secret",
            },
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("cosigner", models.CharField(max_length=200)),
                ("vkey", models.CharField(max_length=2200)),
                ("line", models.CharField(max_length=3600)),
                ("cosigned_at", models.DateTimeField()),
                ("received_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "ledger_cosignature",
                "constraints": [
                    models.UniqueConstraint(fields=("size", "vkey"), name="ledger_cosignature_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("rid", models.UUIDField()),
                ("ts", models.CharField(max_length=27)),
                ("kid", models.CharField(max_length=32)),
                ("leaf", models.BinaryField()),
                ("nodes", models.BinaryField()),
                ("appended_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_entry",
                "indexes": [models.Index(fields=["kind", "index"], name="ledger_entry_kind")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rid", "kind", "ts"), name="ledger_entry_no_replay"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("log_id", models.CharField(max_length=64)),
                ("origin", models.CharField(max_length=200)),
                ("size", models.BigIntegerField(default=0)),
                ("peaks", models.BinaryField(default=b"")),
                ("root", models.BinaryField()),
                ("halted_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_head",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="ledger_head_single")
                ],
            },
        ),
        migrations.CreateModel(
            name="Pending",
            fields=[
                ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("rid", models.UUIDField()),
                ("ts", models.CharField(max_length=27)),
                ("kid", models.CharField(max_length=32)),
                ("leaf", models.BinaryField()),
                ("ciphertext", models.BinaryField()),
                ("wrapped_key", models.BinaryField()),
                ("kek_version", models.IntegerField()),
                ("submitted_at", models.DateTimeField()),
                ("refused_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_pending",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rid", "kind", "ts"), name="ledger_pending_no_replay"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplacedNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("note", models.BinaryField()),
                ("sealed_at", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_replaced_note",
                "indexes": [models.Index(fields=["size"], name="ledger_replaced_note_size")],
            },
        ),
        migrations.CreateModel(
            name="FormerKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("holder", models.CharField(max_length=63)),
                ("place", models.BigIntegerField()),
                ("kek_version", models.IntegerField(null=True)),
                ("wrapped_key", models.BinaryField()),
                (
                    "kept_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "db_table": "ledger_former_key",
                "indexes": [
                    models.Index(fields=["holder", "place"], name="ledger_former_key_of"),
                    models.Index(fields=["kek_version"], name="ledger_former_key_under"),
                ],
            },
        ),
        migrations.RunSQL(_QUEUE, migrations.RunSQL.noop),
    ]
