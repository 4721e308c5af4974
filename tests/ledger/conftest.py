"""Scenes that several files of tests of the ledger start from."""

import pytest
from django_tenants.utils import tenant_context

from ledger.models import Witness
from ledger.witnessing import server
from ledger.witnessing.limits import Limiter
from ledger.witnessing.state import watch_log
from tests.ledger.outside import KEY, Script, grow, outside
from tests.ledger.stage import make_stage, under_way
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
