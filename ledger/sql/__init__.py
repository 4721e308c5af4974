"""Installs the ledger's database functions, triggers and grants into one schema. Idempotent.

Run by migrations, and to be run again wherever a schema is renamed or copied: each function's
search path is a literal.
"""

from pathlib import Path

from psycopg import sql

APP_ROLE = "ll_app"
READ_ONLY = (
    "ledger_head",
    "ledger_entry",
    "ledger_payload",
    "ledger_items",
    "ledger_checkpoint",
)
INSERT_ONLY = ("ledger_replica_entry", "ledger_cosignature", "ledger_refusal")
APPEND_ONLY = ("ledger_entry", "ledger_checkpoint", "ledger_replica_entry", "ledger_cosignature")
GUARDED = ("ledger_payload", "ledger_items", "ledger_replica_payload", "ledger_replica_items")
FUNCTIONS = (
    "ledger_open",
    "ledger_append",
    "ledger_put_items",
    "ledger_root_at",
    "ledger_seal",
    "ledger_erase",
    "ledger_rewrap",
)


def _trigger(schema: str, table: str, name: str, when: str, function: str) -> sql.Composed:
    each = "ROW" if function == "ledger_guard_sealed" else "STATEMENT"
    return sql.SQL(
        "CREATE OR REPLACE TRIGGER {name} BEFORE " + when + " ON {table} FOR EACH " + each + " "
        "EXECUTE FUNCTION {function}()"
    ).format(
        name=sql.Identifier(name),
        table=sql.Identifier(schema, table),
        function=sql.Identifier(schema, function),
    )


def statements(schema: str) -> list[sql.Composed]:
    """Everything, in order, for one schema."""
    text = (Path(__file__).parent / "log.sql").read_text()
    found = [sql.SQL(text).format(schema=sql.Identifier(schema))]
    app = sql.Identifier(APP_ROLE)
    for name in FUNCTIONS:
        function = sql.Identifier(schema, name)
        found.append(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(function))
        found.append(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(function, app))
    for table, rights in [(name, "SELECT") for name in READ_ONLY] + [
        (name, "SELECT, INSERT") for name in INSERT_ONLY
    ]:
        identifier = sql.Identifier(schema, table)
        found.append(sql.SQL("REVOKE ALL ON {} FROM {}").format(identifier, app))
        found.append(sql.SQL("GRANT " + rights + " ON {} TO {}").format(identifier, app))
    for table in GUARDED:
        found.append(_trigger(schema, table, "guard", "UPDATE", "ledger_guard_sealed"))
        found.append(_trigger(schema, table, "keep", "DELETE OR TRUNCATE", "ledger_refuse"))
    for table in APPEND_ONLY:
        found.append(
            _trigger(schema, table, "keep", "UPDATE OR DELETE OR TRUNCATE", "ledger_refuse")
        )
    return found


def install(cursor, schema: str) -> None:
    """Install into `schema`, as the owner of its tables."""
    for statement in statements(schema):
        cursor.execute(statement)
