"""COPY: how many rows reach PostgreSQL at once, inside the caller's transaction."""

from collections.abc import Iterable, Sequence

from django.db import connection


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """COPY `rows` into a table of the current tenant; constraints hold as for INSERT."""
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{connection.schema_name}"."{table}" ({names}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def copy_text(table: str, columns: Sequence[str], text: bytes) -> None:
    """COPY CSV bytes (no header, empty fields are NULL) into a table of the current tenant."""
    names = ", ".join(f'"{name}"' for name in columns)
    target = f'"{connection.schema_name}"."{table}"'
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {target} ({names}) FROM STDIN (FORMAT csv)") as copy,
    ):
        copy.write(text)
