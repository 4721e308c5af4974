"""Installs the ledger's database functions, triggers and grants into one schema. Idempotent.

Run by migrations, and to be run again wherever a schema is renamed or copied: each function's
search path is a literal.
"""

from collections.abc import Container
from pathlib import Path

from psycopg import sql

APP_ROLE = "ll_app"
READ_ONLY = (
    "ledger_head",
    "ledger_entry",
    "ledger_payload",
    "ledger_items",
    "ledger_checkpoint",
    "ledger_replaced_note",
    "ledger_former_key",
    "ledger_pending",
    "ledger_halt",
)
FORWARD_ONLY = ("ledger_witnessed",)  # rows move forward, by trigger, and never go
INSERT_ONLY = (
    "ledger_replica_entry",
    "ledger_cosignature",
    "ledger_refusal",
    "ledger_fork_proof",
    "ledger_fork_ruling",
    "ledger_erasure",
    "ledger_erasure_answer",
    "ledger_replica_erasure",
    "ledger_check",
    "ledger_title_root",
    "ledger_title_alarm",
    "ledger_title_check",
    "ledger_title_proof",
    "ledger_receipt",
    "ledger_kek",  # wrapped anew, closed and destroyed by functions alone
    "ledger_secret",
)
#: Rows that change and never go: who decided what, what outsiders answered, what was sent and held.
KEPT = (
    "ledger_anchor_receipt",
    "ledger_outbox",
    "ledger_replica",
    "ledger_restoration",
    "ledger_trust_policy",
)
#: Rows that the application may also remove, one by one.
REMOVABLE = (
    "ledger_anchor_target",  # while it has no receipt: these refer to it, and stay
    "ledger_served_record",
    "ledger_witness",
    "ledger_witness_word",
    "ledger_title_watch",
)
#: Columns that the application may change, besides SELECT and INSERT; a trigger says how.
COLUMNS = {"ledger_signing_key": ("state", "approved_at", "revoked_at")}
APPEND_ONLY = (
    "ledger_entry",
    "ledger_replaced_note",
    "ledger_replica_entry",
    "ledger_cosignature",
    "ledger_refusal",
    "ledger_fork_proof",
    "ledger_fork_ruling",
    "ledger_erasure",
    "ledger_erasure_answer",
    "ledger_replica_erasure",
    "ledger_check",
    "ledger_title_root",
    "ledger_title_alarm",
    "ledger_title_check",
    "ledger_title_proof",
    "ledger_receipt",
)
GUARDED = ("ledger_payload", "ledger_items", "ledger_replica_payload", "ledger_replica_items")
PLACED = ("ledger_entry", "ledger_payload", "ledger_items")
#: Whose keys are wrapped anew: what wrapped them before is kept, by this column.
WRAPPED = {
    "ledger_payload": "index",
    "ledger_items": "index",
    "ledger_pending": "seq",
    "ledger_replica_payload": "id",
    "ledger_replica_items": "id",
}
#: Tables of ours with `kek_version`, written without a function.
HOLDING = (
    "ledger_replica_payload",
    "ledger_replica_items",
    "mobile_photo",
    "mobile_unlock_secret",
)
FUNCTIONS = (
    "ledger_open",
    "ledger_append",
    "ledger_submit",
    "ledger_integrate",
    "ledger_put_items",
    "ledger_root_at",
    "ledger_seal",
    "ledger_begin_halt",
    "ledger_lift_halt",
    "ledger_erase",
    "ledger_rewrap",
    "ledger_rewrap_pending",
    "ledger_hold_kek",
    "ledger_close_kek",
    "ledger_retire_kek",
    "ledger_hold_root",
    "ledger_await_root",
    "ledger_rewrap_kek",
    "ledger_rewrap_secret",
    "ledger_drop_secret",
)
INTERNAL = (
    "ledger_see_newest",
    "ledger_take_turn",
    "ledger_keep_kek",
    "ledger_is_record",
    "ledger_write",
    "ledger_write_one",
)  # called by their neighbours, who run as the owner
#: Whoever owns the tables calls them or has a trigger call them, and nobody else: on a table of
#: one's own these triggers would take away what they keep.
OWNERS = ("ledger_forget_former", "ledger_keep_former", "ledger_keep_former_kek")
FILES = (
    "turns.sql",
    "keys.sql",
    "head.sql",
    "halt.sql",
    "append.sql",
    "log.sql",
    "pending.sql",
    "witness.sql",
)
PER_ROW = {
    "ledger_guard_head",
    "ledger_guard_halt",
    "ledger_guard_checkpoint",
    "ledger_guard_sealed",
    "ledger_guard_pending",
    "ledger_guard_witnessed",
    "ledger_guard_key",
}


def _trigger(schema: str, table: str, name: str, when: str, function: str) -> sql.Composed:
    each = "ROW" if function in PER_ROW else "STATEMENT"
    return sql.SQL(
        "CREATE OR REPLACE TRIGGER {name} BEFORE " + when + " ON {table} FOR EACH " + each + " "
        "EXECUTE FUNCTION {function}()"
    ).format(
        name=sql.Identifier(name),
        table=sql.Identifier(schema, table),
        function=sql.Identifier(schema, function),
    )


def statements(schema: str, tables: Container[str], path: str) -> list[sql.Composable]:
    """Everything, in order, for one schema that has `tables`; `path` is what its functions pin."""
    found: list[sql.Composable] = [sql.SQL("SET LOCAL check_function_bodies = off")] + [
        sql.SQL((Path(__file__).parent / name).read_text()).format(schema=sql.Identifier(schema))
        for name in FILES
    ]
    app = sql.Identifier(APP_ROLE)
    for name in (*INTERNAL, *OWNERS):
        function = sql.Identifier(schema, name)
        found.append(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC, {}").format(function, app))
    for name in FUNCTIONS:
        function = sql.Identifier(schema, name)
        found.append(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(function))
        found.append(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(function, app))
    granted = [
        *((name, "SELECT") for name in READ_ONLY),
        *((name, "SELECT, INSERT") for name in INSERT_ONLY),
        *((name, "SELECT, INSERT, UPDATE") for name in (*FORWARD_ONLY, *KEPT)),
        *((name, "SELECT, INSERT, UPDATE, DELETE") for name in REMOVABLE),
        *(
            (name, f"SELECT, INSERT, UPDATE ({', '.join(columns)})")
            for name, columns in COLUMNS.items()
        ),
    ]
    for table, rights in granted:
        if table not in tables:  # a later migration makes it, and installs again
            continue
        identifier = sql.Identifier(schema, table)
        found.append(sql.SQL("REVOKE ALL ON {} FROM {}").format(identifier, app))
        found.append(sql.SQL("GRANT " + rights + " ON {} TO {}").format(identifier, app))
    guarded = [
        *((name, "guard", "UPDATE", "ledger_guard_sealed") for name in GUARDED),
        *((name, "keep", "DELETE OR TRUNCATE", "ledger_refuse") for name in GUARDED),
        *((name, "keep", "UPDATE OR DELETE OR TRUNCATE", "ledger_refuse") for name in APPEND_ONLY),
        *((name, "guard", "INSERT OR UPDATE", "ledger_guard_witnessed") for name in FORWARD_ONLY),
        *((name, "keep", "DELETE OR TRUNCATE", "ledger_refuse") for name in (*FORWARD_ONLY, *KEPT)),
        *((name, "keep", "TRUNCATE", "ledger_refuse") for name in REMOVABLE),
        ("ledger_head", "guard", "UPDATE", "ledger_guard_head"),
        ("ledger_head", "keep", "DELETE OR TRUNCATE", "ledger_refuse"),
        ("ledger_checkpoint", "guard", "UPDATE", "ledger_guard_checkpoint"),
        ("ledger_checkpoint", "keep", "DELETE OR TRUNCATE", "ledger_refuse"),
        ("ledger_halt", "guard", "UPDATE", "ledger_guard_halt"),
        ("ledger_halt", "keep", "DELETE OR TRUNCATE", "ledger_refuse"),
        ("ledger_signing_key", "guard", "UPDATE", "ledger_guard_key"),
        ("ledger_signing_key", "keep", "DELETE OR TRUNCATE", "ledger_refuse"),
        ("ledger_former_key", "keep", "TRUNCATE", "ledger_refuse"),
        ("ledger_kek", "keep", "TRUNCATE", "ledger_refuse"),
        ("ledger_secret", "keep", "TRUNCATE", "ledger_refuse"),
        ("ledger_pending", "guard", "UPDATE", "ledger_guard_pending"),
        ("ledger_pending", "keep", "TRUNCATE", "ledger_refuse"),
    ]
    found += [_trigger(schema, *row) for row in guarded if row[0] in tables]
    for name in PLACED:
        found += _by_its_functions(schema, name, path) if name in tables else []
    found += [_holding_its_key(schema, name) for name in HOLDING if name in tables]
    if "ledger_former_key" in tables:
        found += [_keeping_former(schema, name, key) for name, key in WRAPPED.items()]
        found.append(_keeping_former(schema, "ledger_kek", None))
    if "ledger_pending" in tables:
        found.append(_only_into_the_log(schema))
    return found


def _by_its_functions(schema: str, table: str, path: str) -> list[sql.Composed]:
    """A slip of the owner's ends here. The functions that write are known by their search path."""
    names = sql.Identifier(schema, table), sql.Identifier(schema, "ledger_guard_way")
    return [
        sql.SQL("DROP TRIGGER IF EXISTS in_its_place ON {}").format(names[0]),
        sql.SQL(
            "CREATE OR REPLACE TRIGGER by_its_functions BEFORE INSERT ON {} FOR EACH STATEMENT "
            "WHEN (current_setting('search_path') <> {}) EXECUTE FUNCTION {}()"
        ).format(names[0], sql.Literal(path), names[1]),
    ]


def _only_into_the_log(schema: str) -> sql.Composed:
    """What leaves the queue is looked up in the log, a statement's rows at once."""
    return sql.SQL(
        "CREATE OR REPLACE TRIGGER only_into_the_log AFTER DELETE ON {} REFERENCING OLD TABLE AS "
        "gone FOR EACH STATEMENT EXECUTE FUNCTION {}()"
    ).format(
        sql.Identifier(schema, "ledger_pending"), sql.Identifier(schema, "ledger_guard_integrated")
    )


def _keeping_former(schema: str, table: str, key: str | None) -> sql.Composed:
    """What wrapped a key before it was wrapped anew is kept."""
    function = "ledger_keep_former_kek" if key is None else "ledger_keep_former"
    return sql.SQL(
        "CREATE OR REPLACE TRIGGER keeps_former AFTER UPDATE ON {} REFERENCING OLD TABLE AS gone "
        "NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION {}({})"
    ).format(
        sql.Identifier(schema, table),
        sql.Identifier(schema, function),
        sql.SQL("") if key is None else sql.Literal(key),
    )


def _holding_its_key(schema: str, table: str) -> sql.Composed:
    """What is written under a key-encryption key keeps it open until the commit."""
    return sql.SQL(
        "CREATE OR REPLACE TRIGGER holds_its_key AFTER INSERT ON {} REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION {}()"
    ).format(sql.Identifier(schema, table), sql.Identifier(schema, "ledger_hold_fresh"))


def install(cursor, schema: str) -> None:
    """Install into `schema`, as the owner of its tables, inside a transaction."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
    tables = {name for (name,) in cursor.fetchall()}
    cursor.execute("SELECT quote_ident(%s) || ', pg_temp'", [schema])
    ((path,),) = cursor.fetchall()
    for statement in statements(schema, tables, path):
        cursor.execute(statement)
