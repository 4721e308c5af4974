"""The sections that come from models: projected cash, model tests, and the proof."""

from __future__ import annotations

from django.utils.translation import gettext as _
from reportlab.platypus import Table

from pools.circular import words
from pools.circular.content import CashMonth, CircularContent, ModelReport, Statistic
from pools.circular.figures import count, full, money_axis, to_major
from pools.circular.sections import Story, series_of_notes
from tenants.pdfkit import (
    Column,
    Series,
    Theme,
    bar_chart,
    callout,
    data_table,
    heading,
    key_values,
    paragraph,
    qr_code,
    stacked_area_chart,
    together,
)
from tenants.pdfkit import percent as percent_axis
from tenants.pdfkit import theme as colours


def cash_flow(theme: Theme, content: CircularContent) -> Story:
    """Projected cash of the pool and what it leaves outstanding of each class."""
    if not content.cash_flow:
        return []
    months = [row.month.strftime("%Y-%m") for row in content.cash_flow]
    story = [
        *heading(theme, 1, _("Projected cash flow")),
        paragraph(
            theme,
            _(
                "Each lease is projected month by month with hazards of default and early "
                "settlement; recoveries follow after their lag. It is an expectation, not a "
                "promise."
            ),
        ),
        together(
            heading(theme, 2, _("Cash collected a month")),
            bar_chart(
                theme, months, _cash_series(content), stacked=True, value_format=money_axis()
            ),
        ),
    ]
    if content.tranches:
        chart = stacked_area_chart(
            theme, months, series_of_notes(content), value_format=money_axis()
        )
        story.append(together(heading(theme, 2, _("Notes outstanding")), chart))
    story += [*heading(theme, 2, _("Month by month")), *_cash_table(theme, content)]
    if content.call is not None and content.call.month is not None:
        text = _(
            "The table ends with the clean-up call: %(bought)s of principal that still performs is "
            "bought at par in %(month)s."
        ) % {
            "bought": f"{content.currency} {full(content.call.bought_minor, content.currency)}",
            "month": content.call.month.strftime("%Y-%m"),
        }
        story.append(paragraph(theme, text, "note"))
    return story


def _cash_series(content: CircularContent) -> list[Series]:
    major = to_major(content.currency)

    def series(name: str, field: str) -> Series:
        return Series(name, [major(getattr(row, field)) for row in content.cash_flow])

    return [
        series(_("Scheduled principal"), "scheduled_minor"),
        series(_("Early settlement"), "prepaid_minor"),
        series(_("Interest"), "interest_minor"),
        series(_("Recoveries"), "recovered_minor"),
    ]


_CASH_FIELDS = (
    "scheduled_minor",
    "prepaid_minor",
    "defaulted_minor",
    "recovered_minor",
    "interest_minor",
)


def _cash_table(theme: Theme, content: CircularContent) -> Story:
    def money(minor: int) -> str:
        return full(minor, content.currency)

    def line(row: CashMonth) -> list[str]:
        amounts = [money(getattr(row, name)) for name in _CASH_FIELDS]
        return [row.month.strftime("%Y-%m"), money(row.opening_minor), *amounts]

    titles = [
        _("Opening"),
        _("Scheduled"),
        _("Early"),
        _("Defaulted"),
        _("Recovered"),
        _("Interest"),
    ]
    columns = [Column(_("Month"), 0.8), *(Column(title, 1.2, "right") for title in titles)]
    sums = [sum(getattr(row, name) for row in content.cash_flow) for name in _CASH_FIELDS]
    total = [_("Total"), "", *(money(amount) for amount in sums)]
    return data_table(theme, columns, [line(row) for row in content.cash_flow], total=total)


def models(theme: Theme, content: CircularContent) -> Story:
    """What the models that priced the pool scored in their tests."""
    if not content.models:
        return []
    story = [
        *heading(theme, 1, _("How the models were tested")),
        paragraph(
            theme,
            _(
                "α is a back-test on vintages that the model never saw; β a shadow run on live "
                "assets, expected against observed. A model that has not passed both prices "
                "nothing."
            ),
        ),
    ]
    for report in content.models:
        story += _report(theme, report)
    return story


def _report(theme: Theme, report: ModelReport) -> Story:
    family, _space, trained = report.model.partition(" ")
    test = "α" if report.test == "alpha" else "β"
    verdict = words.word(words.VERDICTS, report.verdict)
    text = _("%(rows)s assets observed, %(events)s events.") % {
        "rows": count(report.rows),
        "events": count(report.events),
    }
    if report.simulated_time:
        text += " " + _("Simulated time: this is a demonstration.")
    tone = colours.GOOD if report.verdict == "pass" else colours.BAD
    columns = [
        Column(_("Measure"), 2.6),
        Column(_("Value"), 1, "right"),
        Column(_("95% interval"), 1.6, "right"),
    ]
    rows = [_statistic(one) for one in report.statistics]
    story = [
        *heading(theme, 2, f"{words.word(words.MODEL_FAMILIES, family)} {trained} · {test}"),
        *callout(theme, text, title=verdict, tone=tone),
        *data_table(theme, columns, rows),
    ]
    if report.deciles:
        names = [str(number) for number in range(1, len(report.deciles) + 1)]
        series = [
            Series(_("Predicted"), [predicted for predicted, _observed in report.deciles]),
            Series(_("Observed"), [observed for _predicted, observed in report.deciles]),
        ]
        chart = bar_chart(theme, names, series, value_format=percent_axis)
        title = heading(theme, 3, _("Predicted and observed rates by tenth of risk"))
        story.append(together(title, chart))
    return story


def _statistic(one: Statistic) -> list[str]:
    known = one.low is not None and one.high is not None
    interval = f"{one.low:.4f} – {one.high:.4f}" if known else "–"
    return [words.word(words.STATISTICS, one.code), f"{one.value:.4f}", interval]


def proof(theme: Theme, content: CircularContent) -> Story:
    """The checkpoint on which the document rests, as text and as a QR code."""
    point = content.ledger
    if point is None:
        return []
    facts = [
        (_("Ledger"), point.origin),
        (_("Entries"), count(point.size)),
        (_("Root hash"), point.root),
    ]
    if point.sealed_at is not None:
        facts.append((_("Sealed at"), point.sealed_at.strftime("%Y-%m-%d %H:%M:%S UTC")))
    if point.pool_index is not None:
        facts.append((_("Entry that packaged the pool"), f"#{point.pool_index}"))
    code = qr_code(point.verify_url, size=120)
    widths = [colours.CONTENT_WIDTH - 132, 132]
    beside = Table(
        [[key_values(theme, facts, label_width=110, width=widths[0] - 8), code]],
        colWidths=widths,
        style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, 0), 0)],
    )
    return [
        *heading(theme, 1, _("Proof")),
        paragraph(
            theme,
            _(
                "The pool, its assets and every decision about them are entries of an append-only "
                "ledger. The checkpoint below fixes all of them; the hash of this very file is an "
                "entry that follows it. Scan the code to check a copy of this document."
            ),
        ),
        beside,
        paragraph(theme, point.verify_url, "note"),
    ]
