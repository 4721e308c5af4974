"""What is sent and held of each other's ledgers, and what was found wrong with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0058_log")]
    replaces = [("ledger", "0052_anchor_targets_removable")]

    operations = [
        migrations.CreateModel(
            name="Outbox",
            fields=[
                ("to_tenant", models.UUIDField(primary_key=True, serialize=False)),
                ("cursor", models.BigIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
                ("cosigned_size", models.BigIntegerField(default=0)),
                ("refusals", models.IntegerField(default=0)),
                ("refused_at", models.DateTimeField(null=True)),
                ("refused_since", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_outbox",
            },
        ),
        migrations.CreateModel(
            name="Replica",
            fields=[
                ("source", models.UUIDField(primary_key=True, serialize=False)),
                ("log_id", models.CharField(max_length=64)),
                ("origin", models.CharField(max_length=200, unique=True)),
                ("vkey", models.CharField(max_length=400)),
                ("size", models.BigIntegerField(default=0)),
                ("peaks", models.BinaryField(default=b"")),
                ("checkpoint_size", models.BigIntegerField(default=0)),
                ("checkpoint", models.BinaryField(null=True)),
                ("received_at", models.DateTimeField(null=True)),
                ("behind_since", models.DateTimeField(null=True)),
                ("tail", models.BinaryField(default=b"")),
                ("handovers", models.JSONField(default=list)),
                ("cover", models.BinaryField(null=True)),
                ("cover_tail", models.BinaryField(default=b"")),
            ],
            options={
                "db_table": "ledger_replica",
            },
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("other", models.UUIDField()),
                ("by_us", models.BooleanField(default=True)),
                ("parcel", models.UUIDField(unique=True)),
                ("subject", models.CharField(max_length=24)),
                ("code", models.CharField(max_length=40, verbose_name="reason")),
                ("detail", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_refusal",
                "indexes": [models.Index(fields=["other", "-id"], name="ledger_refusal_other")],
            },
        ),
        migrations.CreateModel(
            name="ReplicaEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.UUIDField()),
                ("index", models.BigIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("rid", models.UUIDField()),
                ("leaf", models.BinaryField()),
                ("nodes", models.BinaryField()),
                ("known_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_replica_entry",
                "indexes": [
                    models.Index(fields=["rid", "kind"], name="ledger_replica_rid"),
                    models.Index(fields=["source", "kind"], name="ledger_replica_kind"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "index"), name="ledger_replica_entry_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplicaItems",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.UUIDField()),
                ("index", models.BigIntegerField()),
                ("ciphertext", models.BinaryField(null=True)),
                ("wrapped_key", models.BinaryField(null=True)),
                ("kek_version", models.IntegerField()),
                ("known_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(null=True)),
                ("first_place", models.IntegerField()),
                ("places", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_replica_items",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "index", "first_place"), name="ledger_replica_items_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplicaPayload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.UUIDField()),
                ("index", models.BigIntegerField()),
                ("ciphertext", models.BinaryField(null=True)),
                ("wrapped_key", models.BinaryField(null=True)),
                ("kek_version", models.IntegerField()),
                ("known_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_replica_payload",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "index"), name="ledger_replica_payload_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ServedRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("to_tenant", models.UUIDField()),
                ("rid", models.UUIDField()),
            ],
            options={
                "db_table": "ledger_served_record",
                "constraints": [
                    models.UniqueConstraint(fields=("to_tenant", "rid"), name="ledger_served_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ForkProof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.UUIDField()),
                ("by_us", models.BooleanField()),
                ("other", models.UUIDField()),
                ("digest", models.CharField(max_length=64)),
                ("evidence", models.BinaryField()),
                ("size", models.BigIntegerField()),
                ("found_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_fork_proof",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "digest"), name="ledger_fork_proof_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Restoration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("other", models.UUIDField()),
                ("by_us", models.BooleanField()),
                ("origin", models.CharField(max_length=200)),
                ("reason", models.CharField(max_length=400)),
                ("asked_by", models.UUIDField(null=True)),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("given", "Given back"),
                            ("refused", "Refused"),
                            ("taken", "Restored"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("entries", models.BigIntegerField(default=0)),
                ("missing_payloads", models.JSONField(default=list)),
                ("missing_items", models.JSONField(default=list)),
                ("not_returned", models.JSONField(default=dict)),
                ("seen_at", models.DateTimeField(null=True)),
                ("seen_by", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "ledger_restoration",
            },
        ),
        migrations.CreateModel(
            name="ForkRuling",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=400)),
                ("ruled_by", models.UUIDField()),
                ("ruled_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_fork_ruling",
            },
        ),
    ]
