"""Statements whose parameters travel beside them, as they are.

Django's cursor writes parameters into the text of a statement: a megabyte of ciphertext becomes two
of quoted text, and a column of ten thousand values ten thousand quoted words. Bulk goes this way.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection


def run_bound(query: str, parameters: Sequence[object] = (), *, binary: bool = False) -> list[Any]:
    """Run one statement on the current tenant's connection; its rows, if it answers any."""
    with connection.cursor() as outer, psycopg.Cursor(outer.connection) as cursor:
        cursor.execute(query, parameters, binary=binary)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []
