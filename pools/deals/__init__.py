"""A deal from the lessor's request to the money: see docs/deals.md."""
