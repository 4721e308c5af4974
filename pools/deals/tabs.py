"""The tabs of a pool's page; the last leads to the room of distributions."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pools.models import Pool

_TABS = [
    ("overview", _("Overview"), "deals-pool"),
    ("selection", _("Selection"), "deals-selection"),
    ("structure", _("Structure"), "deals-structure"),
    ("assets", _("Assets"), "deals-members"),
    ("distributions", _("Distributions"), "pool-distributions"),
]


def tabs_of(pool: Pool, active: str) -> list[dict]:
    """Tabs for `ui/tabs.html`; distributions once the pool is ours."""
    return [
        {"label": label, "url": reverse(name, args=[pool.pk]), "active": code == active}
        for code, label, name in _TABS
        if code != "distributions" or pool.purchased_at is not None
    ]
