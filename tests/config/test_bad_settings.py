"""A wrong setting costs one line, which names it and the mend: no traceback, nothing started."""

import subprocess
import sys

import psycopg
import pytest

from config.environment import BASE_DIR, BadSetting, log_level
from config.servers.postgres import EmbeddedPostgres
from config.servers.reach import OLDEST_POSTGRES, refuse_old
from tests.servers import of_a_fresh_machine, running_redis


def _line(folder, *arguments, **environment):
    """The one line with which a start ends."""
    done = subprocess.run(
        [sys.executable, "-m", "config.launch", *(arguments or ("serve",))],
        cwd=BASE_DIR, env=of_a_fresh_machine(folder, **environment),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "starting" not in done.stdout
    [line] = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("port", ["abc", "99999", "0", "-1", "80.5", "1" * 5000])
def test_a_port_that_is_none(tmp_path, port):
    line = _line(tmp_path, LL_PORT=port)
    assert line.startswith("LL_PORT: ") and "make demo LL_PORT=8001" in line


@pytest.mark.parametrize("level", ["loud", "30", "WARN!"])
def test_a_level_of_logging_that_is_none(tmp_path, level):
    line = _line(tmp_path, LL_LOG_LEVEL=level)
    assert line.startswith(f"LL_LOG_LEVEL: {level!r}") and "WARNING" in line


def test_a_level_of_logging_in_any_case(monkeypatch):
    monkeypatch.setenv("LL_LOG_LEVEL", "warning")
    assert log_level() == "WARNING"


@pytest.mark.parametrize("leases", ["-5", "abc", "0", "", "1e3", "2,000", "99999999999"])
def test_a_number_of_leases_that_is_none(tmp_path, leases):
    line = _line(tmp_path, "demo", "--leases", leases)
    assert line.startswith("LEASES: ") and "make demo LEASES=2000" in line


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("not a url", "it must be written postgresql://"),
        ("mysql://root@localhost/x", "it must be written postgresql://"),
        ("postgresql://boss@nowhere.invalid/x", "host"),
        ("postgresql://boss:secret@127.0.0.1:1/x", "refused"),
    ],
)
def test_a_database_that_is_not_there(tmp_path, url, wrong):
    line = _line(tmp_path, DATABASE_URL=url)
    assert line.startswith("DATABASE_URL: ") and wrong in line
    assert "secret" not in line


def test_what_a_server_refuses_is_named(tmp_path):
    server = EmbeddedPostgres(tmp_path / "pg", volatile=True)
    server.ensure_running()
    host = str(server.socket_dir).replace("/", "%2F")
    try:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE ROLE boss LOGIN PASSWORD 'right'")
        (server.data / "pg_hba.conf").write_text("local all ll_super trust\nlocal all all md5\n")
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")
        wrong = _line(tmp_path, DATABASE_URL=f"postgresql://boss:wrong@{host}/books")
        assert wrong.startswith("DATABASE_URL: ") and "password authentication failed" in wrong
        assert "Mend user and password" in wrong
        may_not = _line(tmp_path, DATABASE_URL=f"postgresql://boss:right@{host}/books")
        assert may_not.startswith("DATABASE_URL: ") and "CREATEDB CREATEROLE" in may_not
    finally:
        server.stop()


def test_a_server_that_is_too_old_is_named():
    with pytest.raises(BadSetting, match="DATABASE_URL: the server is PostgreSQL 13"):
        refuse_old(130_011)
    refuse_old(OLDEST_POSTGRES * 10_000)


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("http://localhost", "no address of a Redis"),
        ("nonsense", "no address of a Redis"),
        ("redis://127.0.0.1:1/0", "no Redis answers"),
        ("redis://nowhere.invalid", "no Redis answers"),
    ],
)
def test_a_redis_that_is_not_there(tmp_path, url, wrong):
    line = _line(tmp_path, REDIS_URL=url)
    assert line.startswith("REDIS_URL: ") and wrong in line


@pytest.mark.redis
def test_a_redis_that_has_no_such_database(tmp_path):
    with running_redis() as url:
        line = _line(tmp_path, REDIS_URL=url.rpartition("/")[0] + "/999")
        assert line.startswith("REDIS_URL: ")
