"""Books that the tests of deals share: two stages of one deal, made once for each worker.

A module names the one it stands on (`usefixtures("asked_book")` or `approved_book`); its tests
roll back what they do. Who commits takes a copy (`approved_copy`).
"""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as the_settings
from django.db import connection, connections
from django_tenants.utils import tenant_context

from pools.models import Facility, FinancingRequest
from tests.conftest import _people as people
from tests.conftest import _use_database as use_database
from tests.pools.deals.books import ask, clear, facility_of, open_book, screen_book, vote_all
from tests.template_database import copy_template, drop, ensure_template


@dataclass(frozen=True)
class Stage:
    """A database and the folder of its keys."""

    database: str
    keys: Path

    @contextlib.contextmanager
    def entered(self):
        """The process works on this database with these keys."""
        before, keys = connections.settings["default"]["NAME"], the_settings.KEY_DIR
        use_database(self.database)
        the_settings.KEY_DIR = self.keys
        try:
            yield self
        finally:
            connection.set_schema_to_public()
            connection.close()  # nobody may be in a database that is copied
            use_database(before)
            the_settings.KEY_DIR = keys


@contextlib.contextmanager
def _copied(template: str, home: Path, keys: Path | None = None):
    """A stage of its own, dropped afterwards."""
    if keys is not None:
        shutil.copytree(keys, home / "keys")
    stage = Stage(copy_template(template), home / "keys")
    try:
        yield stage
    finally:
        drop(stage.database)


@pytest.fixture(scope="session")
def asked_stage(django_db_setup, django_db_blocker, tmp_path_factory):
    """Anda's book is screened and its request has arrived at the trust."""
    home = tmp_path_factory.mktemp("asked")
    with _copied(ensure_template(), home) as stage:
        with django_db_blocker.unblock(), stage.entered():
            cast = people()
            open_book(
                cast.anda, cast.trust, back_office=cast.back_office, manager=cast.manager,
                encumbered={7},
            )  # fmt: skip
            ask(cast.anda, cast.trust, manager=cast.manager)
            with tenant_context(cast.trust):
                screen_book(cast.analyst)
        yield stage


@pytest.fixture(scope="session")
def approved_stage(asked_stage, django_db_blocker, tmp_path_factory):
    """After that, the committee approved a facility."""
    home = tmp_path_factory.mktemp("approved")
    with _copied(asked_stage.database, home, asked_stage.keys) as stage:
        with django_db_blocker.unblock(), stage.entered():
            cast = people()
            with tenant_context(cast.trust):
                request = clear(FinancingRequest.objects.get(), cast)
                vote_all(facility_of(request, cast), cast, True, True, False)
        yield stage


@pytest.fixture(scope="module")
def asked_book(asked_stage, django_db_blocker):
    """The module stands on the request."""
    with django_db_blocker.unblock(), asked_stage.entered():
        yield


@pytest.fixture(scope="module")
def approved_book(approved_stage, django_db_blocker):
    """The module stands on the approved facility."""
    with django_db_blocker.unblock(), approved_stage.entered():
        yield


@pytest.fixture
def approved_copy(approved_stage, django_db_blocker, tmp_path):
    """The cast and the approved facility, in a database of its own for a test that commits."""
    with (
        django_db_blocker.unblock(),
        _copied(approved_stage.database, tmp_path, approved_stage.keys) as stage,
        stage.entered(),
    ):
        yield people()


@pytest.fixture(scope="module")
def approved_module(approved_stage, django_db_blocker, tmp_path_factory):
    """The same for a module whose tests share what it commits."""
    home = tmp_path_factory.mktemp("module")
    with (
        django_db_blocker.unblock(),
        _copied(approved_stage.database, home, approved_stage.keys) as stage,
        stage.entered(),
    ):
        yield people()


@pytest.fixture
def own_keys(settings, tmp_path):
    """The keys as the shared book left them: a signer remembers sizes that a test rolls back."""
    shutil.copytree(settings.KEY_DIR, tmp_path / "keys")
    settings.KEY_DIR = tmp_path / "keys"


@pytest.fixture
def request_(own_keys, cast, enter):
    """A request of Anda that arrived at the trust; the rest of the test runs in the trust."""
    enter(cast.trust)
    return FinancingRequest.objects.get()


@pytest.fixture
def facility(own_keys, cast, enter):
    """The facility that the committee approved; the rest of the test runs in the trust."""
    enter(cast.trust)
    return Facility.objects.get()
