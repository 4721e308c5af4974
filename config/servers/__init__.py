"""Servers that the product brings along where a machine has none. No Django in here."""
