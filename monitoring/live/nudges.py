"""Telling open pages that there is something new, after the transaction that made it."""

import asyncio

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import connection, transaction

ALERTS, FIGURES = "alerts", "figures"


def group_of(schema_name: str) -> str:
    """The channel group of one tenant's live pages."""
    return f"monitoring.{schema_name}"


def nudge_after_commit(kind: str) -> None:
    """Nudge the current tenant's pages once the transaction has committed.

    A layer that is down is logged by Django and never undoes or fails the caller's work: pages
    catch up from the database when they reconnect.
    """
    schema = connection.schema_name
    transaction.on_commit(lambda: send_nudge(schema, kind), robust=True)


def send_nudge(schema_name: str, kind: str) -> None:
    """Nudge now; from any thread that runs no event loop of its own."""
    layer = get_channel_layer()
    message = {"type": "nudge", "kind": kind}
    if not isinstance(layer, InMemoryChannelLayer):
        async_to_sync(layer.group_send)(group_of(schema_name), message)
        return
    # The in-memory layer's queues belong to one loop: hand the message over to where sockets live.
    from monitoring.live.hub import running_hubs

    for loop in running_hubs():
        asyncio.run_coroutine_threadsafe(layer.group_send(group_of(schema_name), message), loop)
