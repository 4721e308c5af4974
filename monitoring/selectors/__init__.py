"""Reads of this room, by page."""
