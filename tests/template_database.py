"""A migrated, populated template database, made once for each state of models and migrations."""

import fcntl
import hashlib
import os
import subprocess
import sys
import uuid

import psycopg
from psycopg import sql

from config.environment import BASE_DIR, DATABASE_STATE, POSTGRES_ROOT, VAR
from config.servers.database import prepare, target
from config.servers.postgres import EmbeddedPostgres

_SHAPE = ("*/migrations/*.py", "*/models.py", "*/models/*.py", "*/apps.py", "*/sql/*.*")


def start_server() -> None:
    """The embedded server of the tests; nothing to do on a real one."""
    if not os.environ.get("DATABASE_URL"):
        EmbeddedPostgres(POSTGRES_ROOT, volatile=True).ensure_running()


def _owner():
    return target(role="owner", embedded_root=POSTGRES_ROOT, state=DATABASE_STATE)


def admin() -> psycopg.Connection:
    """A connection that may make and drop databases."""
    if os.environ.get("DATABASE_URL"):
        return psycopg.connect(_owner().conninfo(name="postgres"), autocommit=True)
    return psycopg.connect(EmbeddedPostgres(POSTGRES_ROOT).dsn(), autocommit=True)


def _digest() -> str:
    digest = hashlib.sha256()
    paths = {path for pattern in _SHAPE for path in BASE_DIR.glob(pattern)}
    extra = [
        BASE_DIR / "tests" / "cast.py",
        BASE_DIR / "config" / "servers" / "database.py",
        *(BASE_DIR / "tenants").glob("*.py"),
    ]
    for path in sorted(paths | set(extra)):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def ensure_template() -> str:
    """Name of the template database, made when it is missing."""
    name = f"ll_template_{_digest()}"
    VAR.mkdir(exist_ok=True)
    with (VAR / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        start_server()
        with admin() as connection:
            query = "SELECT datistemplate FROM pg_database WHERE datname = %s"
            found = connection.execute(query, [name]).fetchone()
            if found and found[0]:
                return name
            identifier = sql.Identifier(name)
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier)
            )
        _build(name)
        with admin() as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(identifier))
    return name


def _build(name: str) -> None:
    environment = {
        **os.environ,
        "LL_DATABASE_NAME": name,
        "LL_DB_ROLE": "owner",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    os.environ["LL_DATABASE_NAME"] = name
    try:
        prepare(embedded_root=POSTGRES_ROOT, state=DATABASE_STATE)
    finally:
        os.environ.pop("LL_DATABASE_NAME")
    for command in (["manage.py", "migrate_all"], ["-m", "tests.cast"]):
        done = subprocess.run(
            [sys.executable, *command], cwd=BASE_DIR, env=environment, capture_output=True
        )
        if done.returncode:
            raise RuntimeError(f"{command} failed:\n{done.stderr.decode()[-4000:]}")


def copy_template(template: str) -> str:
    """A fresh database for one test run or one test."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"ll_test_{worker}_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    with admin() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy OWNER {}").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(_owner().user)
            )
        )
    return name


def drop(name: str) -> None:
    """Remove a copied database and cut off whoever is still in it."""
    with admin() as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def drop_all(prefix: str) -> None:
    """Remove what runs before this one left under names that begin so."""
    with admin() as connection:
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        names = [name for (name,) in connection.execute(query, [prefix]).fetchall()]
    for name in names:
        drop(name)


def rename(name: str, to: str) -> None:
    """A database in which nobody is, under another name."""
    with admin() as connection:
        statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(to)))
