"""Databases copied from a template, the fixed cast, and clients that sign in as its people."""

import contextlib
import fcntl
import os
import pickle
import shutil
from pathlib import Path
from types import SimpleNamespace

import hypothesis
import pytest

from config.environment import BASE_DIR
from tests import cast as the_cast
from tests import template_database
from tests.played_demo import LEASES, copy_files, ensure_played

# a slow machine is no failure: speed is told in benchmarks, never by a test
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")


#: Each worker starts with a third of the run; the rest is stolen from who has most left.
_PARTS = 3
#: Where a file of tests may take a minute. None of them may be among the last to begin.
_LONG = ("tests/browser/", "tests/config/", "tests/house/", "tests/ledger/faults/")
_BEFORE = 0.3  # of what is short, before what starts from the played demo: until then it is played


def pytest_collection_modifyitems(items):
    """A third for each worker, alike: something short, the played demo's, what is long, the rest.

    First the demo's would wait for it, which is played meanwhile; last they would leave the other
    workers idle, for the longest of all tests is among them. Files stay together: they share what
    they start.
    """
    files = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    played, long, short = [], [], []
    for path, group in files.items():
        name = path.relative_to(BASE_DIR).as_posix()
        if any("played" in item.fixturenames for item in group):
            played.append(group)
        else:
            (long if name.startswith(_LONG) else short).append(group)
    items[:] = []
    for part in range(_PARTS):
        mine = sum(short[part::_PARTS], [])
        first = int(len(mine) * _BEFORE)
        items += mine[:first] + sum(played[part::_PARTS] + long[part::_PARTS], []) + mine[first:]


@pytest.fixture(scope="session", autouse=True)
def _fast_and_private(tmp_path_factory):
    """Keys and files of the tests go to a folder of the run; password hashing is cheap."""
    from django.conf import settings

    folder = tmp_path_factory.mktemp("var")
    settings.KEY_DIR = folder / "keys"
    settings.MEDIA_ROOT = folder / "media"
    settings.TILE_DIR = folder / "tiles"
    settings.COUNTERPARTY_WITNESSES = ""  # tests that serve witnesses say where
    # the same for processes that a test starts
    os.environ["LL_COUNTERPARTY_WITNESSES"] = ""
    os.environ["LL_KEY_DIR"] = str(settings.KEY_DIR)
    os.environ["LL_MEDIA_DIR"] = str(settings.MEDIA_ROOT)
    os.environ["LL_TILE_DIR"] = str(settings.TILE_DIR)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


_FOLDERS = ("KEY_DIR", "MEDIA_ROOT", "DEMO_DIR", "TILE_DIR")


def _use_database(name):
    from django.db import connections

    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name
    connections.settings["default"]["NAME"] = name
    os.environ["LL_DATABASE_NAME"] = name


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """A copy of the template database for this worker."""
    from django.db import connections

    with django_db_blocker.unblock():
        name = template_database.copy_template(template_database.ensure_template())
        _use_database(name)
    yield
    with django_db_blocker.unblock():
        connections["default"].close()
        template_database.drop(name)


@contextlib.contextmanager
def using_database(name):
    """Inside, everything goes to this database."""
    from django.db import connections

    before = connections.settings["default"]["NAME"]
    _use_database(name)
    try:
        yield
    finally:
        connections["default"].set_schema_to_public()
        connections["default"].close()
        _use_database(before)


@pytest.fixture(scope="session")
def once_a_run(tmp_path_factory):
    """`once_a_run(name, make)`: what one worker made; the others of the run read it.

    Workers take tests from each other, so that a file's module fixtures may be asked for in two.
    """
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent

    def made(name, make):
        kept = shared / f"{name}.pickle"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if kept.exists():
                return pickle.loads(kept.read_bytes())
            content = make()
            (draft := shared / f"{name}.draft").write_bytes(pickle.dumps(content))
            draft.rename(kept)
            return content

    return made


@pytest.fixture
def database_template():
    """What `fresh_database` copies."""
    return template_database.ensure_template()


@pytest.fixture
def fresh_database(django_db_setup, django_db_blocker, database_template):
    """A database of its own for tests that commit; yields its name, dropped afterwards.

    The application's role may not truncate, so pytest-django's `transaction=True` cannot be used.
    """
    with django_db_blocker.unblock():
        name = template_database.copy_template(database_template)
        try:
            with using_database(name):
                yield name
        finally:
            template_database.drop(name)


@pytest.fixture(scope="module")
def played(django_db_setup, django_db_blocker, tmp_path_factory, testrun_uid):
    """A played demo of this module's own, copied with its keys and files; yields its `Scene`."""
    from django.conf import settings
    from django.db import connection, connections

    from config.demo.scene import Scene

    home = tmp_path_factory.mktemp("demo")
    shared, run = tmp_path_factory.getbasetemp(), testrun_uid
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    if begun := os.environ.get("CHECKS_PLAYED_DEMO"):
        shared, run = Path(begun), "checks"
    kept = {name: getattr(settings, name) for name in _FOLDERS}
    with django_db_blocker.unblock():
        before = connections.settings["default"]["NAME"]
        name = template_database.copy_template(ensure_played(shared, run))
        copy_files(shared, home)
        settings.KEY_DIR, settings.MEDIA_ROOT = home / "keys", home / "media"
        settings.DEMO_DIR, settings.TILE_DIR = home / "demo", home / "tiles"
        _use_database(name)
        try:
            yield Scene(leases=LEASES, folder=settings.DEMO_DIR)
        finally:
            connection.set_schema_to_public()
            connection.close()
            _use_database(before)
            template_database.drop(name)
            for setting, value in kept.items():
                setattr(settings, setting, value)


@pytest.fixture(autouse=True)
def _signers_remember_what_databases_do(request):
    """A played demo outlives its tests: what one sealed is rolled back, and forgotten by signers.

    Else the next would find a database that went back, which takes nothing any more.
    """
    if "played" not in request.fixturenames:
        yield
        return
    from django.conf import settings

    request.getfixturevalue("played")
    kept = {path: path.read_bytes() for path in settings.KEY_DIR.glob("logs/*/last.json")}
    yield
    for path, content in kept.items():
        path.write_bytes(content)


@pytest.fixture(autouse=True)
def _the_maps_signer_remembers_what_the_database_does():
    """There is one map for all tests of a key folder; what one sealed is rolled back."""
    from django.conf import settings

    folder = settings.KEY_DIR
    memory = folder / "logs" / "titles" / "last.json"
    kept = memory.read_bytes() if memory.exists() else None
    later = set(folder.glob("title-map-*-[0-9]*.key"))
    yield
    for path in set(folder.glob("title-map-*-[0-9]*.key")) - later:
        path.unlink()  # of a rotation that was rolled back
    if kept is None:
        memory.unlink(missing_ok=True)
    else:
        memory.write_bytes(kept)


@pytest.fixture(autouse=True)
def _neutral_again():
    """No test leaves its tenant or its reader's language to the next one."""
    yield
    from django.db import connection
    from django.utils import translation

    connection.set_schema_to_public()
    translation.deactivate()


def people():
    from tenants.models import Tenant, User

    tenants = {tenant.schema_name: tenant for tenant in Tenant.objects.all()}
    users = {user.email.partition("@")[0]: user for user in User.objects.all()}
    return SimpleNamespace(**tenants | {"tenants": SimpleNamespace(**tenants)} | users)


@pytest.fixture
def cast(db):
    """`cast.tenants.anda`, `cast.officer`, `cast.analyst` …: see tests/cast.py."""
    return people()


@pytest.fixture
def committed_cast(fresh_database):
    """The cast in a database of its own, for tests that commit or run several threads."""
    return people()


@pytest.fixture
def own_keys(settings, tmp_path):
    """The keys as the module's stage left them: a signer remembers what a test rolls back."""
    shutil.copytree(settings.KEY_DIR, tmp_path / "keys")
    settings.KEY_DIR = tmp_path / "keys"


@pytest.fixture
def enter():
    """`enter(tenant)`: the rest of the test runs inside the tenant."""
    from django_tenants.utils import tenant_context

    with contextlib.ExitStack() as stack:
        yield lambda tenant: stack.enter_context(tenant_context(tenant))


@pytest.fixture
def client_of():
    """`client_of(user, tenant)`: a signed-in test client on the tenant's host."""
    from django.conf import settings
    from django.test import Client

    def make(user, tenant, *, language="en"):
        schema = tenant.schema_name
        host = settings.PLATFORM_DOMAIN if schema == "public" else f"{schema}.localhost"
        client = Client(SERVER_NAME=host, HTTP_ACCEPT_LANGUAGE=language)
        if user is not None:
            client.force_login(user)
        return client

    return make


def sign_in_details(person):
    """E-mail and password of one of the cast, for browser tests."""
    return the_cast.email(person), the_cast.PASSWORD
