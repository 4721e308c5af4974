"""A full disk, under the signer's folder and under the database: a clear error, then on it goes."""

import ctypes
import json
import shutil
import subprocess
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test import RequestFactory
from django_tenants.utils import tenant_context

from config.servers.postgres import EmbeddedPostgres, find_binaries
from ledger import keystore, selectors, services
from ledger.problems import KeyFolderUnwritable
from tenants.middleware import ProblemMiddleware
from tenants.outage import DatabaseLost, StorageFull, outage_of
from tests import template_database
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.crash import listen, start
from tests.ledger.faults.invariants import check_log
from tests.ledger.faults.small_disk import fill, mount_small, why_not

_CLONE_NEWNS, _MS_REC, _MS_PRIVATE = 0x20000, 0x4000, 0x40000


@pytest.fixture(scope="module", autouse=True)
def _can_mount():
    if reason := why_not():
        print(reason)
        pytest.skip(reason)


def in_a_child(operation):
    """Run in a forked child that may mount what nobody else sees."""

    def inside(answer):
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.unshare(_CLONE_NEWNS) == 0
        assert libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None) == 0
        operation()
        answer("done")

    crash = listen(start(inside))
    assert crash.answered == ["done"]


def test_a_full_key_folder_signs_nothing_and_goes_on_when_there_is_space(field, tmp_path):
    """What the signer cannot remember it does not sign; entries are taken all the while."""
    field.open()

    def operation():
        small = tmp_path / "small"
        small.mkdir()
        mount_small(small, megabytes=0.25)
        shutil.copytree(settings.KEY_DIR, small / "keys")
        settings.KEY_DIR = small / "keys"
        keystore._providers.clear()
        with tenant_context(field.lessor):
            services.seal_checkpoint(at=AT)
            filler = fill(small)
            services.append_entry(draft=document())
            before = check_log(field.lessor)
            for _ in range(2):
                with pytest.raises(KeyFolderUnwritable) as full:
                    services.seal_checkpoint(at=AT)
                assert "space" in full.value.text("mend")
            assert check_log(field.lessor).checkpoints == before.checkpoints
            assert not list(small.rglob("last.json.*")), "litter of a write that failed"
            filler.unlink()
            assert services.seal_checkpoint(at=AT).size == before.size
        check_log(field.lessor)

    in_a_child(operation)
    with tenant_context(field.lessor):
        assert selectors.latest_checkpoint().size == selectors.log_size()


@contextmanager
def small_postgres(folder, name):
    """A server whose data are on a disk of its own size, with a copy of database `name`."""
    mount_small(folder, megabytes=160)
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "pg")  # durable, as the product runs it
    server.ensure_running()
    try:
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            for role in ("ll_owner", "ll_app", "ll_signer"):
                admin.execute(f"CREATE ROLE {role} LOGIN".encode())
            admin.execute(f"CREATE DATABASE {name} OWNER ll_owner".encode())
        with template_database.admin() as source:
            whole = psycopg.conninfo.make_conninfo(source.info.dsn, dbname=name)
        binaries = find_binaries()
        dump = subprocess.Popen([binaries / "pg_dump", whole], stdout=subprocess.PIPE)
        into = server.dsn(database=name)
        load = [binaries / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", into]
        subprocess.run(load, stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True)
        assert dump.wait() == 0
        connections.close_all()
        connections["default"].settings_dict.update(HOST=str(server.socket_dir), PORT="")
        yield server
    finally:
        connections.close_all()
        server.stop()


def append_until_full(tenant) -> tuple[list[str], Exception]:
    """Record ids that were accepted, and what ended it."""
    accepted: list[str] = []
    for _ in range(400):
        drafts = [document(title="x" * 2_000) for _ in range(50)]
        try:
            with tenant_context(tenant):
                services.append_entries(drafts=drafts)
        except Exception as error:
            return accepted, error
        accepted += [draft.rid for draft in drafts]
    raise AssertionError("the disk was never full")


def keep_room_for_wal(server) -> None:
    """Segments of the write-ahead log that stand ready: tables run out of space before it does."""
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET min_wal_size = '64MB'")
        admin.execute("SELECT pg_reload_conf()")
        for _ in range(3):
            admin.execute("SELECT pg_logical_emit_message(true, 'full', 'disk')")
            admin.execute("SELECT pg_switch_wal()")
        admin.execute("CHECKPOINT")


def go_down(server) -> None:
    """Fill the write-ahead log too: the server stops in the middle of it."""
    with pytest.raises(psycopg.OperationalError) as down, psycopg.connect(server.dsn()) as admin:
        for _ in range(400):
            admin.execute("SELECT pg_logical_emit_message(true, 'x', repeat('x', 1000000))")
            admin.commit()
    assert isinstance(outage_of(down.value), DatabaseLost)


def test_a_full_database_takes_nothing_by_halves_and_goes_on_when_there_is_space(field, tmp_path):
    """Tables run full and appends are refused; then its own log does and the server goes down."""
    field.open()
    with tenant_context(field.lessor):
        services.seal_checkpoint(at=AT)

    def operation():
        small = tmp_path / "disk"
        small.mkdir()
        with small_postgres(small, field.name) as server:
            keep_room_for_wal(server)
            ballast = small / "ballast"
            ballast.write_bytes(bytes(1 << 22))
            filler = fill(small)
            ballast.unlink()  # four megabytes are left
            accepted, error = append_until_full(field.lessor)
            assert isinstance(outage_of(error), StorageFull), error
            _told(error)
            go_down(server)
            filler.unlink()
            connections.close_all()
            server.ensure_running()
            state = check_log(field.lessor)
            assert [rid for rid in accepted if state.count(rid) != 1] == []
            with tenant_context(field.lessor):
                services.append_entry(draft=document())
                assert services.seal_checkpoint(at=AT).size == state.size + 1
            check_log(field.lessor)
            assert accepted

    in_a_child(operation)


def _told(error):
    """The words for who asked in the API and on a page: no traceback."""
    middleware = ProblemMiddleware(lambda request: None)
    answer = middleware.process_exception(RequestFactory().post("/api/v1/leases/"), error)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (503, "storage_full")
    page = middleware.process_exception(RequestFactory().post("/leases/"), error)
    assert page.status_code == 503 and "no space left" in page.content.decode()
