"""The supervisor of the embedded server: starts, adopts, survives kills, harms no stranger."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from config.servers.postgres import EmbeddedPostgres, find_binaries


@pytest.fixture
def server(tmp_path):
    server = EmbeddedPostgres(tmp_path / "pg", volatile=True)
    server.ensure_running()
    yield server
    server.stop()


def _pid(server):
    return int((server.data / "postmaster.pid").read_text().split()[0])


def _wait_until_dead(pid):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except FileNotFoundError:
            return
        if stat.rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    raise AssertionError(f"{pid} still lives")


def test_killed_server_starts_again_with_its_rows(server):
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("CREATE TABLE kept (x int)")
        connection.execute("INSERT INTO kept VALUES (7)")
        connection.commit()
        connection.execute("CHECKPOINT")  # volatile: what is not flushed may be lost by design
    pid = _pid(server)
    os.kill(pid, signal.SIGKILL)
    _wait_until_dead(pid)
    server.ensure_running()
    with psycopg.connect(server.dsn()) as connection:
        assert connection.execute("SELECT x FROM kept").fetchall() == [(7,)]


def test_running_server_is_adopted(server):
    other = EmbeddedPostgres(server.root, volatile=True)
    pid = _pid(server)
    other.ensure_running()
    assert _pid(other) == pid


def test_stale_pid_file_of_a_stranger_kills_nobody(server):
    server.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        (server.data / "postmaster.pid").write_text(f"{stranger.pid}\n{server.data}\n")
        server.stop()
        assert stranger.poll() is None
        server.ensure_running()
        assert _pid(server) != stranger.pid
    finally:
        stranger.kill()
        stranger.wait()


def test_half_made_cluster_is_made_again(tmp_path):
    server = EmbeddedPostgres(tmp_path / "pg", volatile=True)
    server.data.mkdir(parents=True)
    (server.data / "half").write_text("a killed initdb left this")
    server.ensure_running()
    try:
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()


def test_long_paths_get_a_short_socket(tmp_path):
    server = EmbeddedPostgres(tmp_path / ("deep" * 30))
    assert len(str(server.socket_dir / ".s.PGSQL.5432")) < 100


def test_named_folder_of_binaries_wins(monkeypatch, tmp_path):
    monkeypatch.setenv("PG_BINDIR", str(tmp_path))
    assert find_binaries() == tmp_path
