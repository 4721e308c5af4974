"""Books that the tests of deals share."""

import pytest
from django_tenants.utils import tenant_context

from pools.models import FinancingRequest
from tests.pools.deals.books import ask, clear, facility_of, open_book, screen_book, vote_all


def _request(cast):
    open_book(
        cast.anda, cast.trust, back_office=cast.back_office, manager=cast.manager, encumbered={7}
    )
    rid = ask(cast.anda, cast.trust, manager=cast.manager)
    with tenant_context(cast.trust):
        screen_book(cast.analyst)
        return FinancingRequest.objects.get(rid=rid)


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
