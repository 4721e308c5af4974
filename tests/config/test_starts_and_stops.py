"""The launcher: Ctrl-C stops everything, a kill -9 is survived, a real server serves as well."""

import os
import pty
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from config import launch
from config.environment import BASE_DIR
from config.launch import _is_free
from config.servers.postgres import EmbeddedPostgres
from config.servers.turns import Turn
from tests.servers import answers, free_port, of_a_fresh_machine, start, stop, wait_until


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A folder in which the database is made and migrated already, as after a first start."""
    var = tmp_path_factory.mktemp("machine")
    _launch_and_wait("prepare", of_a_fresh_machine(var))
    yield var
    EmbeddedPostgres(var / "postgres").stop()


def _launch_and_wait(verb, environment):
    done = subprocess.run(
        [sys.executable, "-m", "config.launch", *verb.split()],
        cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


_all = []


@pytest.fixture(autouse=True)
def _leave_nothing_behind():
    yield
    while _all:
        stop(_all.pop())


class Started:
    """`make serve` on a machine, as its own process group."""

    def __init__(self, machine, port=None, **environment):
        self.port = port or free_port()
        more = {"LL_PORT": str(self.port), **environment}
        self.process = start(
            "-m", "config.launch", "serve", environment=of_a_fresh_machine(machine, **more)
        )
        _all.append(self.process)
        self.wait()

    def wait(self):
        wait_until(lambda: self.process.poll() is not None or answers(self.port), "no start")
        assert self.process.poll() is None, "it ended"

    def children(self):
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        return [int(pid) for pid in found.stdout.split()]


def _is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _nothing_is_left(started, children):
    wait_until(lambda: not any(map(_is_alive, children)), "a process is left", 20)
    assert _is_free(started.port)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_launcher_stops_everything(machine, by):
    started = Started(machine)
    children = started.children()
    assert len(children) == 2  # the server and its PostgreSQL
    assert stop(started.process, by) == 0
    _nothing_is_left(started, children)


def test_ctrl_c_in_a_terminal_stops_everything(machine):
    """The terminal sends SIGINT to the launcher and to the server at once."""
    port = free_port()
    environment = of_a_fresh_machine(machine, LL_PORT=str(port))
    pid, terminal = pty.fork()
    if pid == 0:  # in the child: only exec from here on
        os.chdir(BASE_DIR)
        os.execve(sys.executable, [sys.executable, "-m", "config.launch", "serve"], environment)
    try:
        wait_until(lambda: answers(port), "it did not start")
        os.write(terminal, b"\x03")
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert _is_free(port)
    assert not (machine / "postgres" / "data" / "postmaster.pid").exists()


def test_a_killed_launcher_takes_its_server_along_and_the_next_start_serves(machine):
    """On whichever port: two at once would live the same days twice."""
    started = Started(machine)
    servers = [pid for pid in started.children() if pid != _postgres_pid(machine)]
    assert len(servers) == 1
    stop(started.process, signal.SIGKILL)
    again = Started(machine)  # PostgreSQL is adopted
    assert not _is_alive(servers[0]), "two servers at once"
    assert stop(again.process) == 0
    assert not (machine / "postgres" / "data" / "postmaster.pid").exists()


def test_when_everything_is_killed_the_next_start_serves(machine):
    started = Started(machine)
    for pid in [started.process.pid, *started.children()]:
        os.kill(pid, signal.SIGKILL)
    started.process.wait(10)
    assert (machine / "postgres" / "data" / "postmaster.pid").exists()
    again = Started(machine)
    assert stop(again.process) == 0


def _postgres_pid(machine):
    return int((machine / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def _refused(machine, verb="serve", **environment):
    """What a start says that must not come about; its only line."""
    done = subprocess.run(
        [sys.executable, "-m", "config.launch", *verb.split()],
        cwd=BASE_DIR, env=of_a_fresh_machine(machine, **environment),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    [line] = done.stderr.splitlines()
    return line


def test_a_busy_port_is_named(machine):
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        assert f"Port {port} is in use" in _refused(machine, LL_PORT=str(port))


def test_a_second_one_of_the_same_folder_is_refused_and_harms_nothing(machine):
    first = Started(machine)
    for verb in ("serve", "demo --leases 500", "demo --once"):
        line = _refused(machine, verb, LL_PORT=str(free_port()))
        assert f"http://localhost:{first.port}/, process {first.process.pid}" in line
    _launch_and_wait("prepare", of_a_fresh_machine(machine))  # a command beside it may run
    assert answers(first.port)
    assert _postgres_pid(machine) in first.children()
    assert stop(first.process) == 0


def test_who_ends_last_stops_the_database_whoever_started_it(machine):
    """A command starts the database, a server joins it, and the command ends first."""
    over = machine / "over"
    waiting = (
        f"import pathlib, time\nwhile not pathlib.Path({str(over)!r}).exists(): time.sleep(0.1)"
    )
    command = start(
        "-m", "config.launch", "manage", "shell", "--command", waiting,
        environment=of_a_fresh_machine(machine),
    )  # fmt: skip
    _all.append(command)
    wait_until(lambda: (machine / "postgres" / "data" / "postmaster.pid").exists(), "no database")
    first = Started(machine)
    assert command.poll() is None
    over.touch()
    assert command.wait(60) == 0
    assert answers(first.port)
    assert stop(first.process) == 0
    assert not (machine / "postgres" / "data" / "postmaster.pid").exists()


def test_a_server_of_ones_own_is_prepared_and_served_from(tmp_path):
    """DATABASE_URL names an owner who may make roles and databases; nothing else is there yet."""
    theirs = EmbeddedPostgres(tmp_path / "theirs", volatile=True)
    theirs.ensure_running()
    try:
        with psycopg.connect(theirs.dsn(), autocommit=True) as connection:
            connection.execute("CREATE ROLE boss LOGIN CREATEDB CREATEROLE")
        folder = str(theirs.socket_dir).replace("/", "%2F")
        url = f"postgresql://boss@{folder}/books"
        environment = of_a_fresh_machine(tmp_path, DATABASE_URL=url)
        assert "starting PostgreSQL" not in _launch_and_wait("prepare", environment)
        with psycopg.connect(theirs.dsn(database="books")) as connection:
            query = "SELECT tableowner FROM pg_tables WHERE tablename = 'tenants_tenant'"
            assert connection.execute(query).fetchall() == [("boss",)]
        started = Started(tmp_path, DATABASE_URL=url)
        assert answers(started.port, "/", f"localhost:{started.port}")
        assert len(started.children()) == 1  # no PostgreSQL of ours
        assert stop(started.process) == 0
        assert not (tmp_path / "postgres").exists()
    finally:
        theirs.stop()


def test_a_command_beside_a_server_reaches_institutions_at_its_port(tmp_path, monkeypatch):
    monkeypatch.setattr(launch, "VAR", tmp_path)
    monkeypatch.setenv("LL_PORT", "8001")
    monkeypatch.delenv("LL_PORT")
    launch._beside_a_server()
    assert "LL_PORT" not in os.environ
    turn = Turn(tmp_path / "serving.lock", where="http://localhost:8123/")
    launch._beside_a_server()
    assert os.environ["LL_PORT"] == "8123"
    monkeypatch.setenv("LL_PORT", "8001")
    launch._beside_a_server()
    assert os.environ["LL_PORT"] == "8001"  # whoever says where it is knows better
    assert turn.fileno()
