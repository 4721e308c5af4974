"""The section of a circular on its notes: classes, the order of payments, the clean-up call."""

from __future__ import annotations

from django.utils.translation import gettext as _

from pools.circular import words
from pools.circular.closing import Story, clean_up_call
from pools.circular.content import CircularContent, TrancheLine
from pools.circular.figures import full, percent
from tenants.pdfkit import Column, Theme, data_table, heading, paragraph, text_table


def _rate(line: TrancheLine) -> str:
    """A class without a rate of its own receives what is left."""
    if line.index:
        return f"{line.index} + {percent(line.rate)}"
    return percent(line.rate) if line.rate else _("what is left")


def tranches(theme: Theme, content: CircularContent) -> Story:
    """Classes of notes and the order in which cash is paid."""
    columns = [
        Column(_("Class"), 1),
        Column(_("Amount"), 1.8, "right"),
        Column(_("Share of pool"), 1.2, "right"),
        Column(_("Rate a year"), 1.2, "right"),
        Column(_("Credit support"), 1.2, "right"),
        Column(_("Average life, years"), 1.6, "right"),
    ]
    rows = [
        [
            words.word(words.PAYEES, line.name),
            full(line.original_minor, content.currency),
            percent(line.share),
            _rate(line),
            percent(line.support),
            "–" if line.wal_years is None else f"{line.wal_years:.2f}",
        ]
        for line in sorted(content.tranches, key=lambda line: line.rank)
    ]
    return [
        *heading(theme, 1, _("The notes")),
        *data_table(theme, columns, rows),
        *heading(theme, 2, _("The order of payments")),
        paragraph(
            theme,
            _(
                "On each payment date the steps run in this order. A step takes what it is owed "
                "from its sources; what it does not find is its shortfall and is reported as such."
            ),
        ),
        *_waterfall(theme, content),
        *clean_up_call(theme, content),
    ]


def _waterfall(theme: Theme, content: CircularContent) -> Story:
    columns = [
        Column(_("Step"), 0.5, "right"),
        Column(_("What is paid"), 2.2),
        Column(_("To"), 2),
        Column(_("Out of"), 2),
        Column(_("While the deal is"), 2.2),
    ]
    separator = _(", ")
    rows = [
        [
            str(number),
            words.word(words.STEPS, step.kind),
            separator.join(words.word(words.PAYEES, payee) for payee in step.payees),
            separator.join(words.word(words.SOURCES, source) for source in step.sources),
            _("in any state")
            if len(step.statuses) == len(words.STATUSES)
            else separator.join(words.word(words.STATUSES, status) for status in step.statuses),
        ]
        for number, step in enumerate(content.steps, start=1)
    ]
    return text_table(theme, columns, rows)
