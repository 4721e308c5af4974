"""A raw connection as each role, in every tenant's schema: the database itself keeps the log."""

import psycopg
import pytest
from django_tenants.utils import schema_context, tenant_context
from psycopg import sql

from config.environment import DATABASE_STATE, POSTGRES_ROOT
from config.servers.database import target
from ledger import services
from ledger.core.items import BatchItem
from ledger.exchange import registry
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.sql import (
    APPEND_ONLY,
    COLUMNS,
    FORWARD_ONLY,
    FUNCTIONS,
    GUARDED,
    INSERT_ONLY,
    INTERNAL,
    KEPT,
    OWNERS,
    READ_ONLY,
    REMOVABLE,
)
from tenants.models import Tenant
from tests.ledger.faults.conftest import AT, document

FRESH = "neulease"
TABLES = sorted(
    {*APPEND_ONLY, *GUARDED, *FORWARD_ONLY, *READ_ONLY, *INSERT_ONLY, *COLUMNS, *KEPT, *REMOVABLE}
)
OWNER, APP, SIGNER, STRANGER = "ll_owner", "ll_app", "ll_signer", "ll_stranger"
WRITES = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "TRUNCATE {table} CASCADE",
)
BESIDE = (
    "INSERT INTO {table} SELECT * FROM {table}",
    "COPY {table} FROM STDIN",
    "MERGE INTO {table} AS t USING {table} AS s ON false"
    " WHEN NOT MATCHED THEN INSERT DEFAULT VALUES",
    "SELECT 1 FROM {table} FOR UPDATE",
)
SHAPE = (
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} ADD COLUMN slip text",
    "ALTER TABLE {table} OWNER TO {role}",
    "DROP TABLE {table} CASCADE",
    "DROP TRIGGER keep ON {table}",
    "CREATE RULE slip AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE TRIGGER slip BEFORE INSERT ON {table} EXECUTE FUNCTION ledger_refuse()",
)
#: No right to do it, or (a trigger that the table does not need) nothing there to undo, or a key
#: of another table that leads here.
REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.UndefinedObject,
    psycopg.errors.FeatureNotSupported,
)


@pytest.fixture(scope="module")
def schemas(ground):
    """Two logs with rows in every table that an exchange fills, and a tenant just provisioned."""
    ground.wipe()
    everything = registry.Entitlement(everything=True)
    patch = pytest.MonkeyPatch()
    patch.setattr(registry, "_entitlements", [lambda to: everything])
    patch.setattr(registry, "_projectors", {})
    with tenant_context(ground.trust):
        services.open_log(at=AT)
    with tenant_context(ground.lessor):
        services.append_entry(draft=document())
        items = [BatchItem({"lease_rid": "1", "amount_minor": "5"})]
        rid = document().rid
        services.append_batch(
            kind="payments.batch", rid=rid, fields={"month": "11"}, items=items, at=AT
        )
        send_parcels(to_tenant=ground.trust, at=AT)
    with tenant_context(ground.trust):
        receive_parcels(from_tenant=ground.lessor, at=AT)
    with tenant_context(ground.lessor):
        receive_parcels(from_tenant=ground.trust, at=AT)
    patch.undo()
    _provision(ground)
    ground.raw.execute(
        "DO $$ BEGIN CREATE ROLE ll_stranger LOGIN;"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
    )
    with schema_context("public"):
        tenants = Tenant.objects.exclude(schema_name="public").order_by("schema_name")
        return list(tenants.values_list("schema_name", flat=True))


def _provision(ground):
    """As the product does it: a row, then a process of the owner that makes the schema."""
    import os
    import subprocess
    import sys

    from config.environment import BASE_DIR
    from tenants.permissions import Kind
    from tenants.provisioning import register_tenant

    tenant = register_tenant(schema_name=FRESH, kind=Kind.LESSOR, name="New Lease")
    subprocess.run(
        [sys.executable, "manage.py", "provision_tenant", str(tenant.pk)],
        check=True,
        cwd=BASE_DIR,
        env={**os.environ, "LL_DB_ROLE": "owner", "LL_DATABASE_NAME": ground.name},
    )


def raw(ground, role):
    if role == STRANGER:
        info = psycopg.conninfo.conninfo_to_dict(ground.raw.info.dsn)
        return psycopg.connect(**info | {"user": STRANGER}, autocommit=True)
    word = {OWNER: "owner", APP: "app", SIGNER: "signer"}[role]
    found = target(role=word, embedded_root=POSTGRES_ROOT, state=DATABASE_STATE)
    return psycopg.connect(found.conninfo(name=ground.name), autocommit=True)


def let_through(connection, role, schema, tables, statements):
    """(table, statement) of everything that the database did not refuse."""
    found = []
    for table in tables:
        column = "log_id" if table == "ledger_head" else _column(connection, schema, table)
        for statement in statements:
            parts = {
                "table": sql.Identifier(schema, table),
                "column": sql.Identifier(column),
                "role": sql.Identifier(role),
            }
            try:
                with connection.transaction(force_rollback=True), connection.cursor() as cursor:
                    _run(cursor, sql.SQL(statement).format(**parts))
                found.append((schema, table, statement))
            except REFUSED:
                pass
            except psycopg.Error:  # it was let in as far as to what it wanted
                found.append((schema, table, statement))
    return found


def _run(cursor, statement):
    words = statement.as_string()
    if not words.startswith("COPY"):
        cursor.execute(statement)
        return
    with cursor.copy(statement) as copy:
        if words.endswith("STDOUT"):
            list(copy)


def _column(connection, schema, table):
    query = (
        "SELECT attname FROM pg_attribute WHERE attrelid = (SELECT c.oid FROM pg_class c JOIN"
        " pg_namespace n ON n.oid = relnamespace WHERE nspname = %s AND relname = %s)"
        " AND attnum > 0 ORDER BY attname = 'ciphertext', attnum LIMIT 1"
    )
    return connection.execute(query, [schema, table]).fetchone()[0]


def test_the_application_reads_and_calls_and_nothing_else(ground, schemas):
    with raw(ground, APP) as connection:
        for schema in schemas:
            assert let_through(connection, APP, schema, READ_ONLY, WRITES + BESIDE + SHAPE) == []
            moving = (*GUARDED, *FORWARD_ONLY, *KEPT, *REMOVABLE)
            kept = [table for table in TABLES if table not in (*moving, *READ_ONLY)]
            assert let_through(connection, APP, schema, kept, WRITES + SHAPE) == []
            rest = WRITES[1:] + SHAPE  # a row's key may be wrapped anew: its own test below
            assert let_through(connection, APP, schema, moving[: -len(REMOVABLE)], rest) == []
            assert let_through(connection, APP, schema, REMOVABLE, WRITES[2:] + SHAPE) == []


#: What the application may do to each table of the ledger; more is refused by grants already,
#: before any trigger is asked.
READS, ADDS = {"SELECT"}, {"SELECT", "INSERT"}
CHANGES = ADDS | {"UPDATE"}
RIGHTS = {
    **dict.fromkeys(READ_ONLY, READS),
    **dict.fromkeys((*INSERT_ONLY, *COLUMNS), ADDS),
    **dict.fromkeys((*FORWARD_ONLY, *KEPT), CHANGES),
    **dict.fromkeys(
        (*REMOVABLE, "ledger_replica_payload", "ledger_replica_items"), CHANGES | {"DELETE"}
    ),
}


def test_the_applications_rights_are_these_and_no_more(ground, schemas):
    query = (
        "SELECT c.relname, array_agg(a.privilege_type) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) AS a"
        " WHERE n.nspname = %s AND c.relkind = 'r' AND c.relname ~ '^ledger_'"
        " AND a.grantee IN (0, 'll_app'::regrole) GROUP BY c.relname"
    )
    for schema in schemas:
        rights = {name: set(found) for name, found in ground.raw.execute(query, [schema])}
        assert rights == RIGHTS, schema
    with raw(ground, APP) as connection:
        (owner,) = connection.execute("SELECT pg_has_role('ll_owner', 'member')").fetchone()
    assert owner is False


def test_a_key_is_approved_and_revoked_once_and_nothing_else_of_it_changes(ground, schemas):
    for role in (APP, OWNER):
        with raw(ground, role) as connection:
            connection.execute("SET search_path = anda")
            for words in KEYS:
                with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                    connection.execute(f"UPDATE ledger_signing_key SET {words}".encode())
            with connection.transaction(force_rollback=True):
                revoke = "UPDATE ledger_signing_key SET state = 'revoked', revoked_at = now()"
                assert connection.execute(revoke).rowcount > 0
                for words in (*KEYS, "state = 'approved', revoked_at = NULL"):
                    with (
                        pytest.raises(psycopg.errors.InsufficientPrivilege),
                        connection.transaction(),
                    ):
                        connection.execute(f"UPDATE ledger_signing_key SET {words}".encode())


#: What is never done to a key that signs.
KEYS = (
    "public_key = '\\x00'",
    "role = 'service'",
    "kid = reverse(kid)",
    "holder_id = NULL",
    "state = 'pending'",
    "approved_at = now()",
    "revoked_at = now()",
    "revoked_at = NULL",
    "state = state",
)


@pytest.mark.parametrize("role", [SIGNER, STRANGER])
def test_who_has_no_business_there_sees_nothing(ground, schemas, role):
    with raw(ground, role) as connection:
        for schema in schemas:
            words = (*WRITES, *BESIDE, *SHAPE, "SELECT * FROM {table}", "COPY {table} TO STDOUT")
            assert let_through(connection, role, schema, TABLES, words) == []
            for function in (*FUNCTIONS, *INTERNAL, *OWNERS):
                assert not _may_call(connection, role, schema, function), function


def _may_call(connection, role, schema, function):
    query = (
        "SELECT bool_or(has_function_privilege(%s, p.oid, 'EXECUTE') AND"
        " has_schema_privilege(%s, n.oid, 'USAGE')) FROM pg_proc p JOIN pg_namespace n"
        " ON n.oid = pronamespace WHERE nspname = %s AND proname = %s"
    )
    return connection.execute(query, [role, role, schema, function]).fetchone()[0]


def test_the_owner_changes_no_row_of_the_log_by_a_slip(ground, schemas):
    """What an owner does on purpose (dropping triggers) is for the checkpoints to show."""
    statements = ("DELETE FROM {table}", "TRUNCATE {table}", "TRUNCATE {table} CASCADE")
    tables = [*APPEND_ONLY, *GUARDED, *KEPT, "ledger_head"]
    with raw(ground, OWNER) as connection:
        for schema in schemas:
            found = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename ~ '^ledger_'",
                [schema],
            )
            every = [name for (name,) in found]  # a new table cannot be forgotten
            assert let_through(connection, OWNER, schema, every, statements[1:]) == []
            assert let_through(connection, OWNER, schema, tables, statements) == []
            words = ("UPDATE {table} SET {column} = {column}",)
            assert let_through(connection, OWNER, schema, APPEND_ONLY, words) == []
    for role in (OWNER, APP):
        with raw(ground, role) as connection:
            for schema, words in ROWS.items():
                for text in words:
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(f"SET search_path = {schema}; {text}".encode())


def test_a_key_is_wrapped_anew_only_under_a_newer_version_that_is_open(ground, schemas):
    """The application wraps a copy's keys itself: not under a version that nothing opens."""
    rewrap = (
        "UPDATE ledger_replica_payload SET wrapped_key = '\\x01', kek_version = kek_version + 1"
    )
    with raw(ground, APP) as connection:
        connection.execute("SET search_path = trust")
        with pytest.raises(psycopg.errors.SerializationFailure):
            connection.execute(rewrap)
        with connection.transaction(force_rollback=True):
            kek = "SELECT version + 1, wrapped, now() FROM ledger_kek ORDER BY version DESC LIMIT 1"
            connection.execute(f"INSERT INTO ledger_kek (version, wrapped, created_at) {kek}")
            assert connection.execute(rewrap).rowcount > 0


@pytest.mark.parametrize("size", [-1, None, 1_000_000, 2**63 - 1])
def test_no_root_is_told_of_a_tree_that_the_log_does_not_have(ground, schemas, size):
    with raw(ground, APP) as connection:
        connection.execute("SET search_path = anda")
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="has no tree of"):
            connection.execute("SELECT ledger_root_at(%s)", [size])
        assert connection.execute("SELECT length(ledger_root_at(0))").fetchone() == (32,)


ENTRY = (
    "SELECT {index}, kind, gen_random_uuid(), ts, kid, leaf, nodes, appended_at FROM ledger_entry"
    " LIMIT 1"
)
#: Changes of rows that are there: guards of rows are asked about each.
ROWS = {
    "anda": (
        "UPDATE ledger_head SET size = size - 1",
        "UPDATE ledger_head SET root = root",
        "UPDATE ledger_head SET size = size + 1, origin = 'another'",
        "UPDATE ledger_payload SET ciphertext = '\\x00'",
        "UPDATE ledger_payload SET index = index + 1000",
        "UPDATE ledger_payload SET wrapped_key = NULL",
        "UPDATE ledger_payload SET kek_version = kek_version + 1",
        "UPDATE ledger_payload SET kek_version = kek_version",
        "UPDATE ledger_payload SET wrapped_key = '\\x00'",
        "UPDATE ledger_payload SET wrapped_key = '\\x00', kek_version = kek_version - 1",
        "UPDATE ledger_payload SET erased_at = now()",
        f"INSERT INTO ledger_entry {ENTRY.format(index='1000000')}",
        f"INSERT INTO ledger_entry {ENTRY.format(index='(SELECT size FROM ledger_head)')}",
        f"INSERT INTO ledger_entry {ENTRY.format(index='-1')}",
        "INSERT INTO ledger_payload SELECT 1000000, ciphertext, wrapped_key, kek_version"
        " FROM ledger_payload LIMIT 1",
        "INSERT INTO ledger_items SELECT -1, ciphertext, wrapped_key, kek_version FROM ledger_items"
        " LIMIT 1",
        "UPDATE ledger_items SET ciphertext = '\\x00'",
        "DELETE FROM ledger_items",
        "DELETE FROM ledger_signing_key",
        "TRUNCATE ledger_kek",
        "TRUNCATE ledger_secret",
    ),
    "trust": (
        "UPDATE ledger_replica_payload SET ciphertext = '\\x00'",
        "UPDATE ledger_replica_items SET ciphertext = '\\x00'",
        "UPDATE ledger_replica_items SET wrapped_key = '\\x00'",
        "UPDATE ledger_replica_payload SET wrapped_key = '\\x00'",
        "UPDATE ledger_replica_payload SET kek_version = kek_version + 1",
        "UPDATE ledger_replica_payload SET index = index + 1000, erased_at = now(),"
        " ciphertext = NULL, wrapped_key = NULL",
        "UPDATE ledger_witnessed SET note = '\\x00'",
        "UPDATE ledger_witnessed SET note = NULL",
        "UPDATE ledger_witnessed SET size = size + 1",
        "UPDATE ledger_replica_entry SET leaf = '\\x00'",
    ),
}


@pytest.mark.parametrize("role", [OWNER, APP, SIGNER, STRANGER])
def test_nobody_switches_the_triggers_off_for_a_session(ground, schemas, role):
    with raw(ground, role) as connection:
        for words in ("session_replication_role = replica", "ROLE ll_super"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SET {words}".encode())
        if role != OWNER:
            for schema in schemas:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"CREATE TABLE {schema}.slip ()".encode())
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


def test_every_tenant_has_its_functions_pinned_owned_and_granted(ground, schemas):
    assert FRESH in schemas
    query = (
        "SELECT proname, proconfig, pg_get_userbyid(proowner), prosqlbody IS NOT NULL,"
        " has_function_privilege('ll_app', p.oid, 'EXECUTE'),"
        " EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0) OR proacl IS NULL"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = %s"
        " AND starts_with(proname, 'ledger_')"
    )
    for schema in schemas:
        rows = {row[0]: row[1:] for row in ground.raw.execute(query, [schema])}
        assert rows.keys() >= {*FUNCTIONS, *INTERNAL, *OWNERS}
        for name, (config, owner, is_resolved, app, public) in rows.items():
            # A body that was parsed when it was made has its names resolved for good; what nobody
            # may call runs on the path of the functions that call it, and pins none.
            paths = [one for one in config or [] if one.startswith("search_path=")]
            pinned = [] if name in INTERNAL else [f"search_path={schema}, pg_temp"]
            assert is_resolved or paths == pinned, name
            assert owner == OWNER, name
            if name in (*FUNCTIONS, *INTERNAL, *OWNERS):
                assert (app, public) == (name in FUNCTIONS, False), name
        owners = ground.raw.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = %s", [schema]
        )
        assert owners.fetchall() == [(OWNER,)]
