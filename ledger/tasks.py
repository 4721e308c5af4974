"""Procrastinate looks for an app's jobs here: they live beside what they do."""

from ledger.anchoring.tasks import anchor, anchor_all
from ledger.checking.tasks import check, check_all
from ledger.exchange.tasks import exchange, receive, seal, send
from ledger.tiles.tasks import compare_all, publish, publish_all
from ledger.titles.tasks import prove_titles, seal_titles, take_title_roots
from ledger.witnessing.tasks import ask, ask_all

__all__ = [
    "anchor",
    "anchor_all",
    "ask",
    "ask_all",
    "check",
    "check_all",
    "compare_all",
    "exchange",
    "prove_titles",
    "publish",
    "publish_all",
    "receive",
    "seal",
    "seal_titles",
    "send",
    "take_title_roots",
]
