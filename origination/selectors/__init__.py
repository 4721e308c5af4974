"""Reads of the lessor's own books."""
