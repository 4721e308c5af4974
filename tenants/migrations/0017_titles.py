"""Parcels, published keys, the registry of titles and its verifiable map.

What was sealed in the map is never changed, by grant and by trigger.
"""

from datetime import UTC, datetime

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.db import migrations, models


APPEND_ONLY = (
    "tenants_titleepoch",
    "tenants_titlenode",
    "tenants_titleleaf",
    "tenants_titlequery",
    "tenants_titleprepared",
)
REFUSE = """
    CREATE OR REPLACE FUNCTION public.tenants_title_refuse()
    RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        RAISE EXCEPTION 'the title map is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END $$
"""
GUARD = """
    CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON public.{table}
    FOR EACH STATEMENT EXECUTE FUNCTION public.tenants_title_refuse()
"""
RIGHTS = "REVOKE UPDATE, DELETE, TRUNCATE ON public.{table} FROM ll_app"
STATEMENTS = [
    REFUSE,
    *(text.format(table=table) for table in APPEND_ONLY for text in (GUARD, RIGHTS)),
]


def _keyring(apps, schema_editor):
    apps.get_model("tenants", "TitleKeyring").objects.get_or_create(
        id=1, defaults={"current": 1, "changed_at": datetime.now(UTC)}
    )


class Migration(migrations.Migration):
    dependencies = [("tenants", "0016_institutions")]
    replaces = [("tenants", "0014_title_prepared")]

    operations = [
        migrations.CreateModel(
            name="TitleKeyring",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("current", models.PositiveSmallIntegerField(default=1)),
                ("other", models.PositiveSmallIntegerField(null=True)),
                ("filled_to", models.BigIntegerField(default=0)),
                ("changed_at", models.DateTimeField(null=True)),
                ("sealing", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="title_keyring_is_one_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("other", None),
                            (
                                "other",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("current"), "+", models.Value(1)
                                ),
                            ),
                            (
                                "other",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("current"), "-", models.Value(1)
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="title_keyring_neighbours",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleEpoch",
            fields=[
                ("epoch", models.BigIntegerField(primary_key=True, serialize=False)),
                ("fields", models.JSONField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("fields__has_key", "old_key")),
                        fields=["epoch"],
                        name="title_epoch_hands_over",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleIndex",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asset_index", models.BinaryField(max_length=32)),
                ("right", models.CharField(max_length=16)),
                ("map_index", models.BinaryField(max_length=32)),
                ("vrf_key", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("asset_index", "right", "vrf_key"), name="title_index_of_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleLeaf",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("epoch", models.BigIntegerField()),
                ("map_index", models.BinaryField(max_length=32)),
                ("bucket", models.IntegerField()),
                ("commitment", models.BinaryField(max_length=32, null=True)),
                ("salt", models.BinaryField(max_length=32, null=True)),
                ("state", models.CharField(blank=True, max_length=10)),
                ("holder_id", models.UUIDField(null=True)),
                ("claim_id", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["bucket"], name="title_leaf_by_bucket")],
                "constraints": [
                    models.UniqueConstraint(fields=("map_index", "epoch"), name="title_leaf_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleNode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("epoch", models.BigIntegerField()),
                ("depth", models.SmallIntegerField()),
                ("prefix", models.IntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("depth", "prefix", "epoch"), name="title_node_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TitlePrepared",
            fields=[
                ("epoch", models.BigIntegerField(primary_key=True, serialize=False)),
                ("text", models.TextField()),
                ("key", models.CharField(max_length=400)),
            ],
        ),
        migrations.CreateModel(
            name="Parcel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.CharField(max_length=24)),
                ("log_origin", models.CharField(max_length=200)),
                ("from_index", models.BigIntegerField()),
                ("to_index", models.BigIntegerField()),
                ("body", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["receiver", "log_origin", "from_index"],
                        name="tenants_par_receive_6f3a9f_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "receiver",
                            "sender",
                            "subject",
                            "log_origin",
                            "from_index",
                            "to_index",
                        ),
                        name="parcel_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PublishedKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("log", "Log"),
                            ("cosigner", "Cosigner"),
                            ("parcels", "Parcels"),
                            ("log_mldsa", "Log, ML-DSA-44"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=2200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="published_keys",
                        to="tenants.tenant",
                    ),
                ),
                ("from_index", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "purpose", "key"), name="published_key_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RightClaim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("claim_id", models.UUIDField()),
                ("right", models.CharField(max_length=16)),
                ("asset_index", models.BinaryField(max_length=32)),
                ("key_version", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("claimed", "Claimed"),
                            ("reserved", "Reserved"),
                            ("pledged", "Pledged"),
                            ("sold", "Sold"),
                            ("released", "Released"),
                        ],
                        max_length=10,
                    ),
                ),
                ("period", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "claimant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
                ("sealed", models.BinaryField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["asset_index", "right"], name="right_claim_by_asset")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("claim_id", "right", "asset_index"), name="right_claim_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["claimed", "reserved", "pledged", "sold", "released"])
                        ),
                        name="right_claim_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("right__in", ["ownership", "receivables", "mortgage", "residual"])
                        ),
                        name="right_claim_right_known",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("state__in", ["reserved", "pledged", "sold"])),
                        expressions=[("asset_index", "="), ("right", "="), ("period", "&&")],
                        name="right_taken_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleQuery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("actor_id", models.UUIDField()),
                ("claim_id", models.UUIDField()),
                ("epoch", models.BigIntegerField()),
                ("asked_at", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
                ("answers", models.IntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tenant", "-asked_at"], name="title_query_latest")
                ],
            },
        ),
        migrations.RunPython(_keyring, migrations.RunPython.noop),
        migrations.RunSQL(STATEMENTS, migrations.RunSQL.noop),
    ]
