"""A durable throw-away database for benchmarks: the tests' template on a server with fsync on."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.binaries import with_openssl


@contextlib.contextmanager
def django_on_a_copy() -> Iterator[None]:
    """Django set up, as the application's role, on a fresh copy of the cast's database."""
    var = Path(__file__).resolve().parent.parent / "var"
    root = var / ("bench-postgres-openssl" if with_openssl() else "bench-postgres")
    os.environ.setdefault("LL_POSTGRES_ROOT", str(root))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LL_LOG_LEVEL", "WARNING")
    from config.servers.postgres import EmbeddedPostgres
    from tests import template_database

    server = None
    if not os.environ.get("DATABASE_URL"):
        server = EmbeddedPostgres(root)
        server.ensure_running()
    name = template_database.copy_template(template_database.ensure_template())
    os.environ["LL_DATABASE_NAME"] = name
    os.sync()  # what the benchmark before left to be written is not this one's disk
    import django
    from django.db import connections

    django.setup()
    connections["default"].settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        template_database.drop(name)
        if server is not None:
            server.stop()
