"""One default portfolio for all tests of the generator: drawing it takes a few seconds."""

import pytest

from origination.generator.portfolio import generate
from origination.generator.spec import PortfolioSpec


@pytest.fixture(scope="session")
def spec():
    return PortfolioSpec(future_months=1)


@pytest.fixture(scope="session")
def portfolio(spec):
    return generate(spec)
