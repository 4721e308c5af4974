"""Procrastinate looks for an app's jobs here: those of the exchange live beside it."""

from ledger.exchange.tasks import exchange, receive, seal, send

__all__ = ["exchange", "receive", "seal", "send"]
