"""The tabs that every page of the proof explorer shows."""

from django.urls import reverse
from django.utils.translation import gettext as _


def tabs(active: str) -> list[dict[str, object]]:
    """Label, address and whether it is the page that is shown."""
    names = [
        ("ledger", _("Entries")),
        ("ledger-checkpoints", _("Checkpoints")),
        ("ledger-consistency", _("Consistency")),
        ("ledger-copies", _("Copies")),
        ("ledger-trust", _("Witnesses")),
        ("ledger-anchors", _("Anchors")),
        ("ledger-titles", _("Title registry")),
        ("ledger-verify", _("Verify")),
    ]
    return [
        {"label": label, "url": reverse(name), "active": name == active} for name, label in names
    ]
