"""Books that the tests of deals share: three stages of one deal, made once for each worker.

A module names the one it stands on: `asked_book`, `approved_book` or `packaged_book`. Its tests
roll back what they do. Who commits takes a copy (`approved_copy`).
"""

import pytest
from django_tenants.utils import tenant_context

from pools.deals import services
from pools.models import Facility, FinancingRequest, Pool
from tests.conftest import people
from tests.pools.deals.books import AT, ask, clear, facility_of, open_book, screen_book, vote_all
from tests.stages import new_stage


@pytest.fixture(scope="session")
def asked_stage(django_db_setup, django_db_blocker, tmp_path_factory):
    """Anda's book is screened and its request has arrived at the trust."""
    home = tmp_path_factory.mktemp("asked")
    with new_stage(home) as stage:
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
    with new_stage(home, asked_stage) as stage:
        with django_db_blocker.unblock(), stage.entered():
            cast = people()
            with tenant_context(cast.trust):
                request = clear(FinancingRequest.objects.get(), cast)
                vote_all(facility_of(request, cast), cast, True, True, False)
        yield stage


@pytest.fixture(scope="session")
def packaged_stage(approved_stage, django_db_blocker, tmp_path_factory):
    """After that, a pool is packaged and proposed."""
    with new_stage(tmp_path_factory.mktemp("packaged"), approved_stage) as stage:
        with django_db_blocker.unblock(), stage.entered():
            cast = people()
            with tenant_context(cast.trust):
                facility = Facility.objects.get()
                services.package_pool(facility=facility, name="Pool 1", by=cast.analyst.pk, at=AT)
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


@pytest.fixture(scope="module")
def packaged_book(packaged_stage, django_db_blocker):
    """The module stands on the packaged pool."""
    with django_db_blocker.unblock(), packaged_stage.entered():
        yield


@pytest.fixture
def approved_copy(approved_stage, django_db_blocker, tmp_path):
    """The cast and the approved facility, in a database of its own for a test that commits."""
    with (
        django_db_blocker.unblock(),
        new_stage(tmp_path, approved_stage) as stage,
        stage.entered(),
    ):
        yield people()


@pytest.fixture(scope="module")
def approved_module(approved_stage, django_db_blocker, tmp_path_factory):
    """The same for a module whose tests share what it commits."""
    home = tmp_path_factory.mktemp("module")
    with (
        django_db_blocker.unblock(),
        new_stage(home, approved_stage) as stage,
        stage.entered(),
    ):
        yield people()


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


@pytest.fixture
def packaged(own_keys, cast, enter):
    """The pool that was proposed; the rest of the test runs in the trust."""
    enter(cast.trust)
    return Pool.objects.get()
