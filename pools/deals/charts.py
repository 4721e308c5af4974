"""A pool's projected months as charts; amounts in major units, as axes show them."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from pools.circular.words import PAYEES, word
from pools.models import Pool
from tenants.money import Money


def _major(minor: int, currency: str) -> float:
    return float(Decimal(minor) * Money.from_minor(1, currency).amount)


def cash_chart(pool: Pool) -> dict:
    """What the pool is projected to pay in each month, by where it comes from."""
    months = pool.report["months"]
    parts = [
        ("interest_minor", _("Interest")),
        ("scheduled_minor", _("Scheduled principal")),
        ("prepaid_minor", _("Early settlement")),
        ("recovered_minor", _("Recoveries")),
    ]
    series = [(name, [month[field] for month in months]) for field, name in parts]
    return _chart(pool, series)


def balance_chart(pool: Pool) -> dict:
    """What each class is projected to have outstanding, until the notes are called or repaid."""
    tranches = pool.report["tranches"]
    series = [(word(PAYEES, row["name"]), row["balance_minor"]) for row in tranches]
    return _chart(pool, series)


def _chart(pool: Pool, series: list[tuple[str, list[int]]]) -> dict:
    return {
        "x": [str(number) for number in range(1, len(series[0][1]) + 1)],
        "x_name": _("Month after the cut-off"),
        "series": [
            {"name": name, "values": [_major(minor, pool.currency) for minor in values]}
            for name, values in series
        ],
        "format": "money",
        "currency": pool.currency,
    }
