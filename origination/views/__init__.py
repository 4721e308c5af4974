"""The lessor's back office."""
