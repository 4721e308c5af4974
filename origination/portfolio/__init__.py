"""The book by what its leases have in common, and the list behind every figure."""
