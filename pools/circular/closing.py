"""The sections of a circular on its closing: sources and uses, and the right to end the deal."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from reportlab.platypus import Flowable

from pools.circular import words
from pools.circular.content import CircularContent
from pools.circular.figures import full, percent
from pools.structure.funding import SUBORDINATED
from tenants.pdfkit import Column, Theme, data_table, heading, paragraph

Story = list[Flowable]


def clean_up_call(theme: Theme, content: CircularContent) -> Story:
    """Who may end the deal early, from when, at what price; and what the projection assumes."""
    call = content.call
    if call is None:
        return []
    text = _(
        "Once the leases that perform owe %(factor)s of the pool's balance at the cut-off or less, "
        "the originator may buy them all at par; assets in default that are not yet recovered go "
        "with them, and the notes are repaid. It is a right and no duty: nobody may rely on it."
    ) % {"factor": percent(call.factor)}
    if call.month is not None:
        text += " " + _(
            "The projection in this document uses it in %(month)s, when %(bought)s of principal "
            "would be bought."
        ) % {
            "month": call.month.strftime("%Y-%m"),
            "bought": f"{content.currency} {full(call.bought_minor, content.currency)}",
        }
    else:
        text += " " + _("The projection in this document does not use it.")
    return [*heading(theme, 2, _("Clean-up call")), paragraph(theme, text)]


def funding(theme: Theme, content: CircularContent) -> Story:
    """Where the price and the reserve come from: sources equal uses."""
    money = content.funding
    if money is None or content.price_yield is None:
        return []

    def table(title: str, lines: list[tuple[str, int]], total: int) -> Story:
        columns = [Column(title, 3), Column(_("Amount"), 1.4, "right")]
        rows = [[text, full(minor, content.currency)] for text, minor in lines]
        sums = [_("Total"), full(total, content.currency)]
        return data_table(theme, columns, rows, total=sums)

    valued = _("Price: projected cash of the pool at %(rate)s a year") % {
        "rate": percent(content.price_yield)
    }
    uses = [(valued, money.price_minor), (_("Reserve, filled at closing"), money.reserve_minor)]
    at_par = _("%(name)s, at par")
    junior = words.word(words.PAYEES, SUBORDINATED)
    sources = [
        *(
            (at_par % {"name": words.word(words.PAYEES, name)}, minor)
            for name, minor in money.notes
        ),
        (_("%(name)s, nominal") % {"name": junior}, money.subordinated_minor),
        (_("%(name)s, premium (below zero: discount)") % {"name": junior}, money.premium_minor),
    ]
    text = _(
        "The price is the securitization value of the pool: the cash that is projected from it, "
        "valued at the yield agreed. It is %(ratio)s of the principal at the cut-off. Who takes "
        "the subordinated units pays what the other classes do not: they are issued for "
        "%(issue)s and receive everything that is left after fees and notes."
    ) % {
        "ratio": percent(Decimal(money.price_minor) / money.pool_minor),
        "issue": f"{content.currency} {full(money.issue_minor, content.currency)}",
    }
    return [
        *heading(theme, 2, _("Sources and uses at closing")),
        paragraph(theme, text),
        *table(_("Uses"), uses, money.uses_minor),
        *table(_("Sources"), sources, money.sources_minor),
    ]
