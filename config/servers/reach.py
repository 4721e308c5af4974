"""Servers of one's own, tried before anything is built on them: one line says what to mend."""

from __future__ import annotations

import psycopg

from config.environment import BadSetting
from config.servers.database import Target

#: What Django, our constraints and the check of leaves (IS JSON) need.
OLDEST_POSTGRES = 16
_CONNECT_SECONDS = 5
_MENDS = (
    ("password", "Mend user and password in it."),
    ("role ", "Mend the user in it, or create that role."),
    ("database ", "Create it, or name another in DATABASE_URL."),
    ("resolve", "Mend the host's name in it."),
    ("translate host name", "Mend the host's name in it."),
)


def check_database(found: Target, *, setting: str = "DATABASE_URL") -> None:
    """Connect as `found` and look at the server's age; `BadSetting` names what is wrong.

    A database that is not there yet is no mistake: `prepare` creates it.
    """
    try:
        version = _version(found, found.name)
    except psycopg.OperationalError as error:
        if not _is_missing(error, found.name):
            raise _unreachable(found, error, setting) from None
        try:
            version = _version(found, "postgres")
        except psycopg.OperationalError as second:
            raise _unreachable(found, second, setting) from None
    refuse_old(version, setting=setting)


def refuse_old(version: int, *, setting: str = "DATABASE_URL") -> None:
    """A server older than what the product is made for; `version` as libpq numbers it."""
    if version < OLDEST_POSTGRES * 10_000:
        wrong = f"the server is PostgreSQL {version // 10_000}, which is too old."
        raise BadSetting(setting, wrong, f"Name one of version {OLDEST_POSTGRES} or newer.")


def check_redis(url: str) -> None:
    """Ask a Redis whether it is there."""
    import redis  # not needed, and not loaded, without a REDIS_URL

    try:
        redis.Redis.from_url(url, socket_connect_timeout=_CONNECT_SECONDS).ping()
    except redis.AuthenticationError as error:
        raise BadSetting("REDIS_URL", f"{_line(error)}.", "Mend user and password in it.") from None
    except (redis.RedisError, OSError) as error:
        mend = "Start that server, mend the address, or leave REDIS_URL out."
        raise BadSetting("REDIS_URL", f"no Redis answers: {_line(error)}.", mend) from None
    except ValueError as error:
        mend = "Write redis://host:port/number, or leave REDIS_URL out."
        raise BadSetting(
            "REDIS_URL", f"this is no address of a Redis ({_line(error)}).", mend
        ) from None


def not_prepared(owner: Target, error: psycopg.Error) -> BadSetting:
    """Why our roles and tables could not be made on a server that answers."""
    wrong = f"{owner.user!r} could not prepare the database: {_line(error)}."
    mend = f"It needs more rights: ALTER ROLE {owner.user} CREATEDB CREATEROLE;"
    if not isinstance(error, psycopg.errors.InsufficientPrivilege):
        mend = "See the server's log; it needs PostgreSQL's contrib package (btree_gist)."
    return BadSetting("DATABASE_URL", wrong, mend)


def _version(found: Target, name: str) -> int:
    conninfo = found.conninfo(name=name)
    with psycopg.connect(conninfo, connect_timeout=_CONNECT_SECONDS) as connection:
        return connection.info.server_version


def _is_missing(error: psycopg.Error, name: str) -> bool:
    return f'database "{name}" does not exist' in str(error)


def _unreachable(found: Target, error: psycopg.Error, setting: str) -> BadSetting:
    said = _line(error).removeprefix("connection failed: ")
    mend = next(
        (mend for word, mend in _MENDS if word in said),
        "Start that server, or mend host and port in it.",
    )
    where = f"{found.host}:{found.port or 5432}"
    return BadSetting(setting, f"no connection to {where} as {found.user!r}: {said}.", mend)


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")
