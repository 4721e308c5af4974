"""Procrastinate looks for an app's jobs here: those of the exchange live beside it."""

from ledger.exchange.tasks import receive, seal, send

__all__ = ["receive", "seal", "send"]
