"""Roles and rights in the database: who owns the tables and who may only work with them.

`owner` migrates and provisions, `ll_app` serves the web and the workers, `ll_signer` may not even
connect: the signer needs no database (decision 11). Nobody else connects either: whoever does may
hold an advisory lock, and who waits for its turn at a log's head waits for that. With the embedded
server all of it is made here; on a real server
DATABASE_URL names the owner, who needs CREATEROLE once.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

from config.environment import BadSetting
from config.servers.postgres import EmbeddedPostgres

OWNER, APP, SIGNER = "ll_owner", "ll_app", "ll_signer"
DATABASE = "leaseledger"
_FORM = "postgresql://user:password@host:port/name"


@dataclass(frozen=True)
class Target:
    """Where one role connects; `host` may be a socket folder."""

    host: str
    port: str
    user: str
    password: str
    name: str

    def conninfo(self, *, name: str | None = None) -> str:
        """libpq connection string."""
        return psycopg.conninfo.make_conninfo(
            host=self.host,
            port=self.port or None,
            user=self.user,
            password=self.password or None,
            dbname=name or self.name,
        )

    def django(self) -> dict[str, str]:
        """The address part of a Django DATABASES entry."""
        return {
            "HOST": self.host,
            "PORT": self.port,
            "USER": self.user,
            "PASSWORD": self.password,
            "NAME": self.name,
        }


def parse_url(url: str, *, setting: str = "DATABASE_URL") -> Target:
    """Read `postgresql://user:password@host:port/name` (host may be a %-quoted socket folder)."""
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:  # a port that is no number, a bracket that never closes
        port_is_fine = False
    if not port_is_fine or parts.scheme not in {"postgres", "postgresql"} or not parts.netloc:
        # never told back whole: it holds a password
        wrong = f"it must be written {_FORM}, and it starts with {url.partition(':')[0][:20]!r}."
        raise BadSetting(setting, wrong, "Mend it, or leave it out to use the embedded server.")
    # urlsplit lowers the case of a host name, which a socket folder must keep
    host_part = parts.netloc.rpartition("@")[2]
    host, _, port = host_part.rpartition(":") if ":" in host_part else (host_part, "", "")
    return Target(
        host=unquote(host),
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        name=unquote(parts.path.removeprefix("/")) or DATABASE,
    )


def target(*, role: str, embedded_root: Path, state: Path) -> Target:
    """Where `role` ('owner', 'app', 'signer') connects, from the environment."""
    name = os.environ.get("LL_DATABASE_NAME", "")
    url = os.environ.get("DATABASE_URL")
    if not url:
        user = {"owner": OWNER, "app": APP, "signer": SIGNER}[role]
        folder = EmbeddedPostgres(embedded_root).socket_dir
        return Target(str(folder), "", user, "", name or DATABASE)
    if role == "app" and (app_url := os.environ.get("DATABASE_APP_URL")):
        found = parse_url(app_url, setting="DATABASE_APP_URL")
    else:
        found = parse_url(url)
        if role != "owner":
            user = {"app": APP, "signer": SIGNER}[role]
            found = Target(found.host, found.port, user, role_password(user, state), found.name)
    return Target(found.host, found.port, found.user, found.password, name or found.name)


def role_password(user: str, state: Path) -> str:
    """The generated password of one of our roles on a real server, kept in `state` (0600)."""
    known = json.loads(state.read_text()) if state.exists() else {}
    if user not in known:
        known[user] = secrets.token_urlsafe(24)
        state.parent.mkdir(parents=True, exist_ok=True)
        state.touch(mode=0o600, exist_ok=True)
        state.write_text(json.dumps(known))
    return str(known[user])


def prepare(*, embedded_root: Path, state: Path) -> None:
    """Create roles, database and default rights; idempotent."""
    owner = target(role="owner", embedded_root=embedded_root, state=state)
    embedded = "DATABASE_URL" not in os.environ
    admin = EmbeddedPostgres(embedded_root).dsn() if embedded else owner.conninfo(name="postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        wanted = [(OWNER, "LOGIN CREATEDB CREATEROLE")] if embedded else []
        for user, rights in [*wanted, (APP, "LOGIN"), (SIGNER, "LOGIN")]:
            password = "" if embedded else role_password(user, state)
            _ensure_role(connection, user, rights, password)
        _ensure_database(connection, owner.name, owner.user)
    with psycopg.connect(owner.conninfo(), autocommit=True) as connection:
        close_to_others(connection, owner.name)
        grant_defaults(connection)


def close_to_others(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Only the owner, the app and superusers connect; `BadSetting` where that is not ours to say.

    PostgreSQL lets everybody in who may sign in at the server, and warns only where a role revokes
    what it did not grant.
    """
    database = sql.Identifier(name)
    app, signer = sql.Identifier(APP), sql.Identifier(SIGNER)
    revoke = sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC, {}")
    connection.execute(revoke.format(database, signer))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, app))
    query = "SELECT has_database_privilege(%s, %s, 'CONNECT')"
    if connection.execute(query, [SIGNER, name]).fetchone() == (True,):
        raise BadSetting(
            "DATABASE_URL",
            f"everybody who may sign in at the server may connect to the database {name!r}, and so "
            "hold up every ledger in it by its locks.",
            f'As its owner: REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC; '
            f'GRANT CONNECT ON DATABASE "{name}" TO {APP}, and to the role of DATABASE_URL;',
        )


def grant_defaults(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """What the owner makes from now on, the app may read and write; never create or truncate."""
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {APP}, {SIGNER}",
        f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {APP}, {SIGNER}",
        f"ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}",
        f"ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {APP}",
        "CREATE EXTENSION IF NOT EXISTS btree_gist",  # exclusion constraint of the title registry
    ):
        connection.execute(statement.encode())


def _ensure_role(
    connection: psycopg.Connection[tuple[object, ...]], user: str, rights: str, password: str
) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [user]).fetchone()
    if found is None:
        connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(user)))
    words = sql.SQL(rights)  # type: ignore[arg-type]  # constants of this module
    connection.execute(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(user), words))
    if password:
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(user), sql.Literal(password))
        )


def _ensure_database(
    connection: psycopg.Connection[tuple[object, ...]], name: str, owner: str
) -> None:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if found is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(owner)
            )
        )


def as_url(found: Target) -> str:
    """The target as a URL, socket folders %-quoted."""
    login, password, host, name = (
        quote(part, safe="") for part in (found.user, found.password, found.host, found.name)
    )
    secret = f":{password}" if password else ""
    port = f":{found.port}" if found.port else ""
    return f"postgresql://{login}{secret}@{host}{port}/{name}"
