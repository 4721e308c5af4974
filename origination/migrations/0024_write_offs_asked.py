"""A write-off follows the request of somebody else, and nothing between the two."""

from django.db import migrations, models

_FOUR_EYES = """
    CREATE FUNCTION origination_write_off_asked() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        asked boolean;
    BEGIN
        EXECUTE format(
            'SELECT EXISTS (SELECT FROM %1$I.origination_lifestep'
            ' WHERE rid = $1 AND number = $2 AND move = ''ask_write_off'' AND "by" <> $3)',
            TG_TABLE_SCHEMA
        ) INTO asked USING NEW.rid, NEW.previous, NEW."by";
        IF NOT asked THEN
            RAISE EXCEPTION 'four eyes: a write-off follows the request of somebody else';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER write_off_asked BEFORE INSERT ON origination_lifestep
        FOR EACH ROW WHEN (NEW.move = 'write_off') EXECUTE FUNCTION origination_write_off_asked();
"""
_BACK = """
    DROP TRIGGER write_off_asked ON origination_lifestep;
    DROP FUNCTION origination_write_off_asked();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("origination", "0023_pairs_in_a_loop"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="lifestep",
            name="life_step_is_an_edge",
        ),
        migrations.AddIndex(
            model_name="lifestep",
            index=models.Index(
                condition=models.Q(("move", "ask_write_off")), fields=["rid"], name="life_step_asks"
            ),
        ),
        migrations.AddConstraint(
            model_name="lifestep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("move", "apply"), ("state", "application"), ("state_from", "")),
                    models.Q(
                        ("move", "ask_write_off"), ("state", "active"), ("state_from", "active")
                    ),
                    models.Q(
                        ("move", "change_due_day"), ("state", "active"), ("state_from", "active")
                    ),
                    models.Q(
                        ("move", "change_rate"), ("state", "active"), ("state_from", "active")
                    ),
                    models.Q(("move", "close"), ("state", "closed"), ("state_from", "active")),
                    models.Q(
                        ("move", "drop_write_off"), ("state", "active"), ("state_from", "active")
                    ),
                    models.Q(("move", "extend"), ("state", "active"), ("state_from", "active")),
                    models.Q(("move", "pause"), ("state", "active"), ("state_from", "active")),
                    models.Q(
                        ("move", "repossess"), ("state", "repossessed"), ("state_from", "active")
                    ),
                    models.Q(
                        ("move", "restructure"), ("state", "active"), ("state_from", "active")
                    ),
                    models.Q(
                        ("move", "settle"), ("state", "early_settled"), ("state_from", "active")
                    ),
                    models.Q(("move", "transfer"), ("state", "active"), ("state_from", "active")),
                    models.Q(("move", "turn_in"), ("state", "turned_in"), ("state_from", "active")),
                    models.Q(
                        ("move", "write_off"), ("state", "written_off"), ("state_from", "active")
                    ),
                    models.Q(
                        ("move", "approve"), ("state", "approved"), ("state_from", "application")
                    ),
                    models.Q(
                        ("move", "ask"), ("state", "questioned"), ("state_from", "application")
                    ),
                    models.Q(
                        ("move", "decline"), ("state", "declined"), ("state_from", "application")
                    ),
                    models.Q(
                        ("move", "revise"), ("state", "application"), ("state_from", "application")
                    ),
                    models.Q(
                        ("move", "withdraw"), ("state", "withdrawn"), ("state_from", "application")
                    ),
                    models.Q(("move", "sign"), ("state", "contract"), ("state_from", "approved")),
                    models.Q(
                        ("move", "withdraw"), ("state", "withdrawn"), ("state_from", "approved")
                    ),
                    models.Q(("move", "activate"), ("state", "active"), ("state_from", "contract")),
                    models.Q(
                        ("move", "withdraw"), ("state", "withdrawn"), ("state_from", "contract")
                    ),
                    models.Q(
                        ("move", "close"), ("state", "closed"), ("state_from", "early_settled")
                    ),
                    models.Q(
                        ("move", "reinstate"), ("state", "active"), ("state_from", "early_settled")
                    ),
                    models.Q(
                        ("move", "decline"), ("state", "declined"), ("state_from", "questioned")
                    ),
                    models.Q(
                        ("move", "revise"), ("state", "application"), ("state_from", "questioned")
                    ),
                    models.Q(
                        ("move", "withdraw"), ("state", "withdrawn"), ("state_from", "questioned")
                    ),
                    models.Q(
                        ("move", "ask_write_off"),
                        ("state", "repossessed"),
                        ("state_from", "repossessed"),
                    ),
                    models.Q(("move", "close"), ("state", "closed"), ("state_from", "repossessed")),
                    models.Q(
                        ("move", "drop_write_off"),
                        ("state", "repossessed"),
                        ("state_from", "repossessed"),
                    ),
                    models.Q(
                        ("move", "hand_back"), ("state", "active"), ("state_from", "repossessed")
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
                        ("move", "ask_write_off"),
                        ("state", "turned_in"),
                        ("state_from", "turned_in"),
                    ),
                    models.Q(("move", "close"), ("state", "closed"), ("state_from", "turned_in")),
                    models.Q(
                        ("move", "drop_write_off"),
                        ("state", "turned_in"),
                        ("state_from", "turned_in"),
                    ),
                    models.Q(
                        ("move", "write_off"), ("state", "written_off"), ("state_from", "turned_in")
                    ),
                    models.Q(("move", "close"), ("state", "closed"), ("state_from", "written_off")),
                    _connector="OR",
                ),
                name="life_step_is_an_edge",
            ),
        ),
        migrations.RunSQL(_FOUR_EYES, _BACK),
    ]
