"""Starts what the product needs, then the product: `python -m config.launch VERB …`.

Verbs: `prepare` (server, roles, migrations), `demo [--once] [--leases N]`, `serve`,
`manage ARGS…` (one management command beside the running embedded server), `signer` (the ledger's
signer at LL_SIGNER_SOCKET, which needs no database and may run beside the others).
The embedded PostgreSQL is started unless DATABASE_URL names a real one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg

from config.environment import (
    BASE_DIR,
    DATABASE_STATE,
    POSTGRES_ROOT,
    VAR,
    lease_count,
    log_level,
    port,
)
from config.servers.database import prepare, target
from config.servers.lifeline import environment_of_child
from config.servers.postgres import EmbeddedPostgres, PostgresUnavailable
from config.servers.reach import check_database, check_redis, not_prepared
from config.servers.turns import Share, Turn, held_by

_LET_GO_SECONDS = 3.0
_SERVING = {"serve", "demo"}
#: Locks of this process, which what it starts holds on to.
_held: list[Share | Turn] = []


def _say(text: str) -> None:
    print(text, flush=True)


def _environment(role: str) -> dict[str, str]:
    own = {"LL_DB_ROLE": role, "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **own, **environment_of_child()}


def _manage(*arguments: str, role: str = "app") -> int:
    """Run one management command; Ctrl-C reaches it through the terminal, we wait for it."""
    command = [sys.executable, "manage.py", *arguments]
    kept = [lock.fileno() for lock in _held]  # as long as the child goes on, if we are killed
    child = subprocess.Popen(command, cwd=BASE_DIR, env=_environment(role), pass_fds=kept)
    stopped = False

    def forward(signum: int, _frame: object) -> None:
        nonlocal stopped
        if not stopped or signum == signal.SIGTERM:
            child.send_signal(signal.SIGTERM if signum == signal.SIGTERM else signal.SIGINT)
        stopped = True

    # a terminal sends SIGINT to the whole group, so only a plain `kill -INT` needs forwarding
    signal.signal(signal.SIGINT, signal.SIG_IGN if sys.stdin.isatty() else forward)
    signal.signal(signal.SIGTERM, forward)
    code = child.wait()
    return 0 if stopped and code in {0, -signal.SIGINT, -signal.SIGTERM, 130, 143} else code


def _migrations_digest() -> str:
    digest = hashlib.sha256(str(POSTGRES_ROOT).encode())
    for path in sorted(BASE_DIR.glob("*/migrations/*.py")):
        digest.update(path.read_bytes())
    digest.update((BASE_DIR / "requirements" / "runtime.txt").read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def _database() -> Iterator[None]:
    """The database server while the block runs; the last who uses an embedded one stops it."""
    if os.environ.get("DATABASE_URL"):
        check_database(target(role="owner", embedded_root=POSTGRES_ROOT, state=DATABASE_STATE))
        yield
        return
    share = Share(POSTGRES_ROOT / "users.lock")
    _held.append(share)
    embedded = EmbeddedPostgres(POSTGRES_ROOT)
    if not embedded.is_running():
        _say("· starting PostgreSQL")
    try:
        embedded.ensure_running()
        yield
    finally:
        if share.is_last():
            embedded.stop()
        share.close()


def _migrate() -> None:
    """Roles and tables; skipped where this code already migrated this database."""
    owner = target(role="owner", embedded_root=POSTGRES_ROOT, state=DATABASE_STATE)
    mark = VAR / "migrated"
    wanted = f"{_migrations_digest()} {owner.host}:{owner.port}/{owner.name}"
    if mark.exists() and mark.read_text() == wanted:
        return
    _say("· preparing roles and tables")
    try:
        prepare(embedded_root=POSTGRES_ROOT, state=DATABASE_STATE)
    except psycopg.Error as error:
        raise not_prepared(owner, error) from None
    if code := _manage("migrate_all", role="owner"):
        raise SystemExit(code)
    mark.write_text(wanted)


def _refuse_busy_port(wanted: int) -> None:
    """Whoever was killed a moment ago gets the time to let go of the port."""
    deadline = time.monotonic() + _LET_GO_SECONDS
    while not _is_free(wanted):
        if time.monotonic() > deadline:
            raise SystemExit(
                f"Port {wanted} is in use. Stop what runs there, or choose: make demo LL_PORT=8001"
            )
        time.sleep(0.1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _check_settings(verb: str, rest: list[str]) -> None:
    """Numbers and addresses that cannot work are named before anything is started."""
    port()
    log_level()
    if "--leases" in rest:
        lease_count([*rest, ""][rest.index("--leases") + 1])
    if (redis_url := os.environ.get("REDIS_URL")) and verb in _SERVING:
        check_redis(redis_url)


def _take_turn(rest: list[str]) -> None:
    """One demo or server at a time lives in a folder: two pulses would live the same days."""
    once = "--once" in rest
    where = "make demo ONCE=1" if once else f"http://localhost:{port()}/"
    _held.append(Turn(VAR / "serving.lock", where=where))
    if not once:
        _refuse_busy_port(port())


def _beside_a_server() -> None:
    """A command reaches institutions at the port of the server that runs from this folder."""
    served = urlsplit(held_by(VAR / "serving.lock"))
    if served.port and not os.environ.get("LL_PORT"):
        os.environ["LL_PORT"] = str(served.port)


def main(arguments: list[str]) -> int:
    """Run one verb; returns the exit code."""
    verb, *rest = arguments or ["serve"]
    started = time.monotonic()
    VAR.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("LL_DB_POOL", "1")
    _check_settings(verb, rest)
    if verb == "manage":
        _beside_a_server()
    if verb == "signer":
        return _manage("signer")
    if verb in _SERVING:
        _take_turn(rest)
    signal.signal(signal.SIGTERM, _end)
    try:
        with _database():
            _migrate()
            if verb == "prepare":
                _say(f"· the database is ready, {time.monotonic() - started:.1f} s")
                return 0
            return _manage(*rest) if verb == "manage" else _manage(verb, *rest)
    except PostgresUnavailable as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        return 130


def _end(signum: int, _frame: object) -> None:
    """Before there is a child to forward it to: unwind, which stops the database."""
    raise SystemExit(128 + signum)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
