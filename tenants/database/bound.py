"""Statements whose parameters travel beside them, as they are.

Django's cursor writes parameters into the text of a statement: a megabyte of ciphertext becomes two
of quoted text, and a column of ten thousand values ten thousand quoted words. Bulk goes this way.
"""

import select
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


def run_bound(
    query: str,
    parameters: Sequence[object] | Mapping[str, object] = (),
    *,
    binary: bool = False,
) -> list[Any]:
    """Run one statement on the current tenant's connection; its rows, if it answers any."""
    with connection.cursor() as outer, psycopg.Cursor(outer.connection) as cursor:
        cursor.execute(query.encode(), parameters, binary=binary)
        return cursor.fetchall() if cursor.description else []


Send = Callable[[str, Sequence[object]], "psycopg.Cursor[Any]"]


@contextmanager
def pipelined(raw: "psycopg.Connection[Any] | None" = None) -> Iterator[Send]:
    """Send statements while the server still works on those before; `raw` is the tenant's own.

    What is sent answers a cursor that has its rows once the block is left. The first statement that
    fails raises there or earlier, and those behind it are not run.
    """
    if raw is None:
        with connection.cursor() as outer:
            raw = outer.connection

    def send(query: str, parameters: Sequence[object] = ()) -> psycopg.Cursor[Any]:
        cursor = psycopg.Cursor(raw)
        cursor.execute(query.encode(), parameters)
        while raw.pgconn.flush():  # else the rest would wait for the next statement
            select.select([], [raw.fileno()], [])
        return cursor

    with raw.pipeline():
        yield send
