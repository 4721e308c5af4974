"""No pool at all, and one of ten thousand leases."""

import time

from pools.distributions.services import make_distribution
from tests.pools.distributions.bought import AT, bought_pool, project_portfolio


def test_empty_pages_say_so(cast, client_of):
    client = client_of(cast.custodian, cast.tenants.trust)
    assert "No pool has been purchased" in client.get("/distributions/").content.decode()
    assert "No units are placed" in client.get("/units/").content.decode()
    assert client.get("/distributions/00000000-0000-0000-0000-000000000001/").status_code == 404


def test_ten_thousand_leases_are_distributed_in_seconds(cast, enter):
    enter(cast.tenants.trust)
    pool = bought_pool(cast, project_portfolio(cast.tenants.anda.pk, 10_000))
    started = time.perf_counter()
    row = make_distribution(pool=pool, period=1, known_at=AT, by=cast.portfolio_manager.pk, at=AT)
    assert row.payments > 1_000
    assert time.perf_counter() - started < 8
