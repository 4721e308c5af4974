"""The database itself refuses to change the log, whoever asks; every schema is pinned alike."""

import uuid

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, InternalError, ProgrammingError

from ledger import services
from ledger.drafts import Draft
from ledger.models import Head, Items
from ledger.sql import APPEND_ONLY, FORWARD_ONLY, FUNCTIONS, GUARDED, READ_ONLY

AT = "2026-11-01T08:00:00.000000Z"


@pytest.fixture
def log(cast, enter):
    enter(cast.tenants.anda)
    draft = Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"a": "b"}, ts=AT)
    services.append_entry(draft=draft)


@pytest.mark.parametrize("table", READ_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {}",
        "TRUNCATE {}",
        "INSERT INTO {} SELECT * FROM {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
    ],
)
def test_the_application_cannot_write_the_log(log, table, statement):
    with (
        pytest.raises((ProgrammingError, InternalError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.replace("{}", table))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET leaf = ''",
        "UPDATE ledger_head SET size = 0",
        "UPDATE ledger_payload SET ciphertext = ''",
        "UPDATE ledger_checkpoint SET note = ''",
        "DELETE FROM ledger_replica_entry",
        "UPDATE ledger_replica_entry SET leaf = ''",
    ],
)
def test_the_application_cannot_change_rows(log, statement):
    with (
        pytest.raises((ProgrammingError, InternalError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_no_items_come_beside_an_entry_that_has_none(log):
    """Garbage there would belong to nothing, and beside the first entry nothing would erase it."""
    for index in (0, Head.objects.get().size - 1):
        with (
            pytest.raises(IntegrityError, match=f"entry {index} has no items"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT ledger_put_items(%s, 'x', 'x', 1)", [index])
    assert not Items.objects.exists()


def test_every_schema_has_its_own_pinned_functions_and_triggers(cast):
    schemas = [tenant.schema_name for tenant in vars(cast.tenants).values()]
    schemas.remove("public")
    with connection.cursor() as cursor:
        for schema in schemas:
            cursor.execute(
                "SELECT proname, proconfig, prosecdef, pg_get_userbyid(proowner),"
                " has_function_privilege('ll_app', p.oid, 'EXECUTE'),"
                " has_function_privilege('ll_signer', p.oid, 'EXECUTE')"
                " FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace"
                " WHERE nspname = %s AND proname = ANY(%s)",
                [schema, list(FUNCTIONS)],
            )
            rows = {row[0]: row[1:] for row in cursor.fetchall()}
            assert rows.keys() == set(FUNCTIONS)
            for config, definer, owner, app, signer in rows.values():
                path, *planner = sorted(config, reverse=True)
                assert path == f"search_path={schema}, pg_temp"
                assert all(setting.startswith("enable_") for setting in planner)
                assert (definer, app, signer) == (True, True, False)
                assert owner != "ll_app"
            cursor.execute(
                "SELECT event_object_table FROM information_schema.triggers"
                " WHERE trigger_schema = %s UNION SELECT relname FROM pg_trigger t"
                " JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace"
                " WHERE nspname = %s AND NOT tgisinternal",
                [schema, schema],
            )
            assert {name for (name,) in cursor.fetchall()} >= {
                *APPEND_ONLY,
                *GUARDED,
                *FORWARD_ONLY,
            }
