"""Books that the tests of deals share."""

import shutil

import pytest
from django.db import connection, connections
from django_tenants.utils import tenant_context

from pools.models import FinancingRequest
from tests.conftest import _people as people
from tests.conftest import _use_database as use_database
from tests.pools.deals.books import ask, clear, facility_of, open_book, screen_book, vote_all
from tests.template_database import copy_template, drop, ensure_template


def _request(cast):
    open_book(
        cast.anda, cast.trust, back_office=cast.back_office, manager=cast.manager, encumbered={7}
    )
    rid = ask(cast.anda, cast.trust, manager=cast.manager)
    with tenant_context(cast.trust):
        screen_book(cast.analyst)
        return FinancingRequest.objects.get(rid=rid)


@pytest.fixture(scope="module")
def own_database(django_db_setup, django_db_blocker):
    """A database of this module, for a book that its tests share; each rolls back what it does."""
    before = connections.settings["default"]["NAME"]
    with django_db_blocker.unblock():
        name = copy_template(ensure_template())
        use_database(name)
        try:
            yield people()
        finally:
            connection.set_schema_to_public()
            connection.close()
            use_database(before)
            drop(name)


@pytest.fixture(scope="module")
def shared_facility(own_database):
    """The id of a facility that the committee approved, committed."""
    cast, found = own_database, _request(own_database)
    with tenant_context(cast.trust):
        return vote_all(facility_of(clear(found, cast), cast), cast, True, True, False).pk


@pytest.fixture
def own_keys(shared_facility, settings, tmp_path):
    """The keys as the shared book left them: a signer remembers sizes that a test rolls back."""
    shutil.copytree(settings.KEY_DIR, tmp_path / "keys")
    settings.KEY_DIR = tmp_path / "keys"


@pytest.fixture
def request_(cast, enter):
    """A request of Anda that arrived at the trust; the rest of the test runs in the trust."""
    found = _request(cast)
    enter(cast.trust)
    return found


@pytest.fixture
def facility(request_, cast):
    """A facility that the committee approved."""
    return vote_all(facility_of(clear(request_, cast), cast), cast, True, True, False)
