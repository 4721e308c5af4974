"""COPY: how many rows reach PostgreSQL at once, inside the caller's transaction."""

from collections.abc import Iterable, Sequence

import polars as pl
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


def text_array(values: pl.Series) -> str:
    """A column as one PostgreSQL array literal, to be bound as a whole and cast to `text[]`.

    The driver would quote each value by itself, in Python: that was half of what loading cost.
    """
    quoted = (
        pl.lit('"')
        + pl.col("v")
        .str.replace_all("\\", "\\\\", literal=True)
        .str.replace_all('"', '\\"', literal=True)
        + pl.lit('"')
    )
    frame = pl.DataFrame({"v": values.cast(pl.String)})
    return "{" + frame.select(quoted.fill_null("NULL").str.join(",")).item() + "}"
