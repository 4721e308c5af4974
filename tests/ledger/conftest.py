"""Scenes that several files of tests of the ledger start from."""

import copy
import os
import shutil

import pytest
from django.conf import settings as django_settings
from django_tenants.utils import tenant_context

from ledger.models import Witness
from ledger.witnessing import server
from ledger.witnessing.limits import Limiter
from ledger.witnessing.state import watch_log
from tests import template_database
from tests.conftest import people, using_database
from tests.ledger.outside import KEY, Script, grow, outside
from tests.ledger.restoring import lose
from tests.ledger.stage import make_stage, register, under_way
from tests.ledger.title_desk import make_desk, make_proven
from tests.ledger.witnessed import OUTSIDE_KEY


@pytest.fixture
def stage(cast, monkeypatch):
    """A lessor and a trust that is granted everything."""
    return make_stage(cast, monkeypatch)


@pytest.fixture
def held(stage):
    """The trust holds 13 entries; two more are under way."""
    return under_way(stage)


@pytest.fixture
def desk(cast, monkeypatch):
    """Three ledgers, before the title registry's first epoch."""
    return make_desk(cast, monkeypatch)


@pytest.fixture
def proven(desk):
    """The same with an epoch that tells free from held."""
    return make_proven(desk)


@pytest.fixture
def script():
    """What the witness outside answers."""
    return Script()


@pytest.fixture
def witness(cast, enter, script):
    """A lessor with a sealed log, and a witness outside that answers as its script says."""
    enter(cast.tenants.anda)
    grow(3)
    with outside(script) as url:
        yield Witness.objects.create(label="Outside", url=url, vkeys=KEY.vkey())


@pytest.fixture
def watched(cast):
    """An auditor that was told to witness a log outside."""
    with tenant_context(cast.tenants.auditor):
        watch_log(OUTSIDE_KEY.vkey())
    return cast


@pytest.fixture
def unlimited(monkeypatch):
    """Whoever asks the witness may do so as often as a test does."""
    monkeypatch.setattr(server, "limiter", Limiter(rate=1e6, burst=1e6))


_FOLDERS = {"KEY_DIR": "keys", "TILE_DIR": "tiles"}


_LOST = "ll_lost_"


@pytest.fixture(scope="session")
def lost_once(django_db_setup, django_db_blocker, tmp_path_factory, testrun_uid, once_a_run):
    """(database, its folders, stage) of a lost ledger: made once, since a new schema takes long."""

    def make():
        home = tmp_path_factory.mktemp("lost")
        copied = template_database.copy_template(template_database.ensure_template())
        name = f"{_LOST}{testrun_uid}"
        with using_database(copied), pytest.MonkeyPatch.context() as patch:
            stage = lose(people(), patch)
        template_database.drop_all(_LOST)  # of runs before this one
        template_database.rename(copied, name)
        for setting, folder in _FOLDERS.items():
            shutil.copytree(getattr(django_settings, setting), home / folder)
        return name, home, stage

    with django_db_blocker.unblock():
        return once_a_run("lost", make)


@pytest.fixture
def database_template(request, database_template):
    """Tests of a lost ledger begin with the database in which it was lost."""
    if "lost" not in request.fixturenames:
        return database_template
    return request.getfixturevalue("lost_once")[0]


@pytest.fixture
def lost(lost_once, committed_cast, settings, tmp_path, monkeypatch):
    """A lessor whose schema is gone; the trust holds its log and most payloads. `lost.cast`."""
    _, home, made = lost_once
    for setting, folder in _FOLDERS.items():
        shutil.copytree(home / folder, tmp_path / folder)
        setattr(settings, setting, tmp_path / folder)
        monkeypatch.setitem(os.environ, f"LL_{setting}", str(tmp_path / folder))
    stage = copy.copy(made)
    stage.cast, stage.heard = committed_cast, []
    register(stage, monkeypatch)
    return stage
