"""Rotation of every key in the chain while traffic runs; `manage.py rotate_keys` drives it."""
