"""The pool that the tests of distributions share, bought and paid once for each worker."""

from datetime import timedelta

import pytest
from django_tenants.utils import tenant_context

from pools.distributions.reading import read_book
from pools.distributions.services import correct_distribution, make_distribution
from pools.distributions.units import subscribe_units
from pools.models import AssetPayment, Pool
from tests.conftest import people
from tests.pools.distributions.bought import AT, bought_pool, line, project, project_portfolio
from tests.stages import new_stage


@pytest.fixture(scope="session")
def bought_stage(django_db_setup, django_db_blocker, tmp_path_factory):
    """A pool of two hundred leases is bought."""
    with new_stage(tmp_path_factory.mktemp("bought")) as stage:
        with django_db_blocker.unblock(), stage.entered():
            cast = people()
            with tenant_context(cast.trust):
                bought_pool(cast, project_portfolio(cast.anda.pk))
        yield stage


@pytest.fixture(scope="session")
def paid_stage(bought_stage, django_db_blocker, tmp_path_factory):
    """After that, two hold units and one period is paid and corrected."""
    with new_stage(tmp_path_factory.mktemp("paid"), bought_stage) as stage:
        with django_db_blocker.unblock(), stage.entered():
            cast = people()
            with tenant_context(cast.trust):
                _pay(cast, Pool.objects.get())
        yield stage


def _pay(cast, pool):
    by = cast.portfolio_manager.pk
    for tranche, holder, user in (
        ("senior", "Gao Yuan", cast.investor.pk),
        ("subordinated", "Anda Leasing", None),
    ):
        subscribe_units(
            pool=pool, tranche=tranche, holder=holder, user_id=user, units_minor=1_000_001,
            by=by, at=AT,
        )  # fmt: skip
    row = make_distribution(pool=pool, period=1, known_at=AT, by=by, at=AT)
    rid = read_book(pool, known_at=AT).collect(start=row.start, end=row.end).payments["rid"][0]
    later = AT + timedelta(days=1)
    late = line(rid, "LATE/1", 12_345, "2026-04-20", known=later)
    project(cast.anda.pk, "payments.batch", [late], at=later)
    correct_distribution(pool=pool, period=1, known_at=later, by=by, at=later)


@pytest.fixture(scope="module")
def bought_book(bought_stage, django_db_blocker):
    """The module stands on the bought pool."""
    with django_db_blocker.unblock(), bought_stage.entered():
        yield


@pytest.fixture(scope="module")
def paid_book(paid_stage, django_db_blocker):
    """The module stands on the paid pool."""
    with django_db_blocker.unblock(), paid_stage.entered():
        yield


@pytest.fixture
def pool(own_keys, cast, enter):
    """The bought pool; the rest of the test runs in the trust."""
    enter(cast.trust)
    return Pool.objects.get()


@pytest.fixture
def paid(own_keys, cast):
    """The paid pool, and the lease whose late line was corrected."""
    with tenant_context(cast.trust):
        return Pool.objects.get(), str(AssetPayment.objects.get(reference="LATE/1").lease_rid)
