"""The approval desk and the steps of a lease's life."""

import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.db import migrations, models

_CHAINED = """
    ALTER TABLE origination_lifestep ADD CONSTRAINT life_step_starts_where_the_last_ended
        FOREIGN KEY (rid, previous, state_from)
        REFERENCES origination_lifestep (rid, number, state);
    CREATE FUNCTION origination_keep_step() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'facts' = to_jsonb(NEW) - 'facts' THEN
            RETURN NEW;  -- the content of its entry was erased
        END IF;
        RAISE EXCEPTION 'a step of a lease''s life stays as it was made';
    END $$;
    CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON origination_lifestep
        FOR EACH ROW EXECUTE FUNCTION origination_keep_step();
    CREATE TRIGGER keep_all BEFORE TRUNCATE ON origination_lifestep
        FOR EACH STATEMENT EXECUTE FUNCTION origination_keep_step();
"""

_KEPT = """
    CREATE FUNCTION origination_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'record' - 'lessee_name' - 'answer'
            = to_jsonb(NEW) - 'record' - 'lessee_name' - 'answer' THEN
            RETURN NEW;  -- the content of its entry was erased
        END IF;
        RAISE EXCEPTION 'what was sent or set at the approval desk stays as it was';
    END $$;
    CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON origination_applicationversion
        FOR EACH ROW EXECUTE FUNCTION origination_keep_version();
    CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON origination_approvallimits
        FOR EACH ROW EXECUTE FUNCTION origination_keep_version();
    CREATE FUNCTION origination_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        sent boolean;
    BEGIN
        EXECUTE format(
            'SELECT EXISTS (SELECT FROM %1$I.origination_applicationversion AS v'
            ' JOIN %1$I.origination_application AS a ON a.rid = v.application_id'
            ' WHERE a.lease_rid = $1 AND v.sent_by = $2)', TG_TABLE_SCHEMA
        ) INTO sent USING NEW.rid, NEW."by";
        IF sent THEN
            RAISE EXCEPTION 'four eyes: who sent a version approves none of it';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER four_eyes BEFORE INSERT ON origination_lifestep
        FOR EACH ROW WHEN (NEW.move = 'approve') EXECUTE FUNCTION origination_four_eyes();
"""


class Migration(migrations.Migration):
    dependencies = [("origination", "0016_servicing")]
    replaces = [("origination", "0013_vehicle_papers")]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("lease_rid", models.UUIDField(unique=True)),
                ("opened_by", models.UUIDField()),
                ("opened_at", models.DateTimeField(verbose_name="sent at")),
            ],
            options={
                "ordering": ["-opened_at", "rid"],
            },
        ),
        migrations.CreateModel(
            name="ApprovalLimits",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("starts_on", models.DateField(verbose_name="from")),
                ("currency", models.CharField(max_length=3)),
                ("up_to", models.JSONField()),
                ("set_by", models.UUIDField()),
                ("set_at", models.DateTimeField(verbose_name="set at")),
                ("entry_index", models.BigIntegerField(unique=True, verbose_name="ledger entry")),
            ],
            options={
                "ordering": ["-starts_on", "-entry_index"],
            },
        ),
        migrations.CreateModel(
            name="ApplicationVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "contract_number",
                    models.CharField(max_length=80, verbose_name="contract number"),
                ),
                ("lessee_name", models.CharField(max_length=80, verbose_name="lessee")),
                ("currency", models.CharField(max_length=3)),
                ("financed_amount_minor", models.BigIntegerField(verbose_name="financed amount")),
                ("record", models.JSONField()),
                ("confirmed", models.JSONField(default=list)),
                ("answer", models.CharField(blank=True, max_length=1000, verbose_name="answer")),
                ("sent_by", models.UUIDField()),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="origination.application",
                    ),
                ),
            ],
            options={
                "ordering": ["application", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "number"), name="application_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("financed_amount_minor__gt", 0)),
                        name="application_amount_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LifeStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rid", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("previous", models.PositiveIntegerField(null=True)),
                ("move", models.CharField(max_length=16)),
                ("state_from", models.CharField(blank=True, max_length=16)),
                ("state", models.CharField(max_length=16)),
                ("on", models.DateField(verbose_name="counts from")),
                ("facts", models.JSONField()),
                ("client", models.CharField(blank=True, max_length=80)),
                ("by", models.UUIDField()),
                ("at", models.DateTimeField(verbose_name="at")),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                (
                    "lease",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="origination.lease",
                    ),
                ),
            ],
            options={
                "ordering": ["rid", "number"],
                "indexes": [models.Index(fields=["lease", "-number"], name="life_steps_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("rid", "number"), name="life_step_once"),
                    models.UniqueConstraint(
                        fields=("rid", "number", "state"), name="life_step_ends"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("number", 1),
                                ("previous", None),
                                ("state_from__in", ["", "active"]),
                            ),
                            models.Q(
                                ("number__gt", 1),
                                (
                                    "previous",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("number"), "-", models.Value(1)
                                    ),
                                ),
                                ("previous__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="life_step_follows",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease", models.F("rid")), ("lease__isnull", False)),
                            models.Q(
                                ("lease", None),
                                (
                                    "state__in",
                                    [
                                        "application",
                                        "approved",
                                        "contract",
                                        "declined",
                                        "questioned",
                                        "withdrawn",
                                    ],
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="life_step_of_a_lease",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("move", "apply"), ("state", "application"), ("state_from", "")
                            ),
                            models.Q(
                                ("move", "change_due_day"),
                                ("state", "active"),
                                ("state_from", "active"),
                            ),
                            models.Q(
                                ("move", "change_rate"),
                                ("state", "active"),
                                ("state_from", "active"),
                            ),
                            models.Q(
                                ("move", "close"), ("state", "closed"), ("state_from", "active")
                            ),
                            models.Q(
                                ("move", "extend"), ("state", "active"), ("state_from", "active")
                            ),
                            models.Q(
                                ("move", "pause"), ("state", "active"), ("state_from", "active")
                            ),
                            models.Q(
                                ("move", "repossess"),
                                ("state", "repossessed"),
                                ("state_from", "active"),
                            ),
                            models.Q(
                                ("move", "restructure"),
                                ("state", "active"),
                                ("state_from", "active"),
                            ),
                            models.Q(
                                ("move", "settle"),
                                ("state", "early_settled"),
                                ("state_from", "active"),
                            ),
                            models.Q(
                                ("move", "transfer"), ("state", "active"), ("state_from", "active")
                            ),
                            models.Q(
                                ("move", "turn_in"),
                                ("state", "turned_in"),
                                ("state_from", "active"),
                            ),
                            models.Q(
                                ("move", "write_off"),
                                ("state", "written_off"),
                                ("state_from", "active"),
                            ),
                            models.Q(
                                ("move", "approve"),
                                ("state", "approved"),
                                ("state_from", "application"),
                            ),
                            models.Q(
                                ("move", "ask"),
                                ("state", "questioned"),
                                ("state_from", "application"),
                            ),
                            models.Q(
                                ("move", "decline"),
                                ("state", "declined"),
                                ("state_from", "application"),
                            ),
                            models.Q(
                                ("move", "revise"),
                                ("state", "application"),
                                ("state_from", "application"),
                            ),
                            models.Q(
                                ("move", "withdraw"),
                                ("state", "withdrawn"),
                                ("state_from", "application"),
                            ),
                            models.Q(
                                ("move", "sign"), ("state", "contract"), ("state_from", "approved")
                            ),
                            models.Q(
                                ("move", "withdraw"),
                                ("state", "withdrawn"),
                                ("state_from", "approved"),
                            ),
                            models.Q(
                                ("move", "activate"),
                                ("state", "active"),
                                ("state_from", "contract"),
                            ),
                            models.Q(
                                ("move", "withdraw"),
                                ("state", "withdrawn"),
                                ("state_from", "contract"),
                            ),
                            models.Q(
                                ("move", "close"),
                                ("state", "closed"),
                                ("state_from", "early_settled"),
                            ),
                            models.Q(
                                ("move", "reinstate"),
                                ("state", "active"),
                                ("state_from", "early_settled"),
                            ),
                            models.Q(
                                ("move", "decline"),
                                ("state", "declined"),
                                ("state_from", "questioned"),
                            ),
                            models.Q(
                                ("move", "revise"),
                                ("state", "application"),
                                ("state_from", "questioned"),
                            ),
                            models.Q(
                                ("move", "withdraw"),
                                ("state", "withdrawn"),
                                ("state_from", "questioned"),
                            ),
                            models.Q(
                                ("move", "close"),
                                ("state", "closed"),
                                ("state_from", "repossessed"),
                            ),
                            models.Q(
                                ("move", "hand_back"),
                                ("state", "active"),
                                ("state_from", "repossessed"),
                            ),
                            models.Q(
                                ("move", "settle"),
                                ("state", "early_settled"),
                                ("state_from", "repossessed"),
                            ),
                            models.Q(
                                ("move", "write_off"),
                                ("state", "written_off"),
                                ("state_from", "repossessed"),
                            ),
                            models.Q(
                                ("move", "close"), ("state", "closed"), ("state_from", "turned_in")
                            ),
                            models.Q(
                                ("move", "write_off"),
                                ("state", "written_off"),
                                ("state_from", "turned_in"),
                            ),
                            models.Q(
                                ("move", "close"),
                                ("state", "closed"),
                                ("state_from", "written_off"),
                            ),
                            _connector="OR",
                        ),
                        name="life_step_is_an_edge",
                    ),
                ],
            },
        ),
        migrations.RunSQL([_CHAINED, _KEPT], migrations.RunSQL.noop),
    ]
