"""The balance on which a pool is priced is the lease's own, to the unit."""

from datetime import date

import numpy as np
import pytest

from origination.domain.months import days_of
from origination.domain.servicing.columns import LeaseBook
from origination.domain.servicing.payment_columns import PaymentColumns
from pools.features.history import end_of
from pools.features.snapshot import snapshot
from pools.model_life.scoring import unpaid_and_part
from pools.valuation.cash_flows import remaining_flows
from tests.pools.features.portfolios import frames, history


@pytest.mark.parametrize("day", [date(2024, 6, 17), date(2026, 6, 30)])
def test_what_is_priced_is_what_the_lease_owes(day):
    """Rents paid in part, and residual values that are nobody's debt: principal, no interest."""
    own = history()
    at = snapshot(own, day)
    rows = np.flatnonzero(at.open)
    unpaid, part = unpaid_and_part(own, at)
    flows = remaining_flows(
        own.receivables, unpaid=unpaid, part_paid=part, rows=rows, today=days_of(day)
    )
    book = LeaseBook(own.receivables, PaymentColumns.of_frame(frames()[1]))
    state = book.state(as_of=day, known_at=end_of(day))
    assert (flows.option_principal > 0).sum() >= 3 and (part[rows] > 0).any()
    priced = flows.balance[:, 0] + flows.option_principal
    assert np.array_equal(priced, state.balance[rows].astype(np.float64))
