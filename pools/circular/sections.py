"""The sections of a circular: each takes the theme and the content and gives flowables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from pools.circular import words
from pools.circular.closing import Story, funding
from pools.circular.content import CircularContent, Stratification
from pools.circular.figures import count, full, percent, short, to_major
from pools.deals.wording import rule_set_name
from tenants.pdfkit import (
    Column,
    Series,
    Theme,
    callout,
    data_table,
    heading,
    horizontal_bar_chart,
    key_figures,
    key_values,
    paragraph,
    text_table,
    together,
)
from tenants.pdfkit import percent as percent_axis
from tenants.pdfkit import theme as colours

STRATA_CHARTED: Final = 12
STRATA_LISTED: Final = 40


def summary(theme: Theme, content: CircularContent) -> Story:
    """Key figures, form of the deal and its parties."""
    currency = content.currency
    figures = [
        (_("Assets"), count(content.assets)),
        (_("Outstanding balance"), short(content.balance_minor, currency)),
        (_("Weighted annual rate"), percent(content.weighted_rate)),
        (_("Remaining term, months"), f"{content.weighted_remaining_months:.1f}"),
        (_("Age, months"), f"{content.weighted_age_months:.1f}"),
        (_("Classes of notes"), count(len(content.tranches))),
    ]
    if content.largest_obligor_share is not None:
        figures.append((_("Largest obligor"), percent(content.largest_obligor_share)))
    if content.weighted_default_probability is not None:
        probability = percent(content.weighted_default_probability)
        figures.append((_("Probability of default"), probability))
    if content.funding is not None:
        figures.append((_("Price"), short(content.funding.price_minor, currency)))
    if content.net_value_minor is not None:
        figures.append((_("Net value of the assets"), short(content.net_value_minor, currency)))
    facts = [
        (_("Form of the deal"), words.word(words.FORMS, content.form)),
        (_("Cut-off date"), content.cut_off.isoformat()),
        (_("Currency"), currency),
        *((words.word(words.ROLES, party.role), party.name) for party in content.parties),
    ]
    return [
        *heading(theme, 1, _("The offer in brief")),
        *key_figures(theme, figures),
        *heading(theme, 2, _("The deal")),
        key_values(theme, facts),
        *funding(theme, content),
        *_simulated(theme, content),
    ]


def _simulated(theme: Theme, content: CircularContent) -> Story:
    if not content.simulated:
        return []
    text = _(
        "The leases and payments behind this document are generated for a demonstration. Every "
        "figure is computed from them by the same code as for a real pool."
    )
    return callout(theme, text, title=_("Demonstration data"), tone=colours.WARN)


def pool(theme: Theme, content: CircularContent) -> Story:
    """Stratifications: a chart and a table each."""
    story = heading(theme, 1, _("The pool"))
    for stratification in content.stratifications:
        story += _stratification(theme, content, stratification)
    return story


def _stratification(theme: Theme, content: CircularContent, one: Stratification) -> Story:
    total = sum(stratum.balance_minor for stratum in one.strata)
    if not total:
        return []

    def label(text: str) -> str:
        table = words.PROVINCE_NAMES if one.code == "province" else words.VALUES
        return words.word(table, text)

    columns = [
        Column(_("Stratum"), 2),
        Column(_("Assets"), 1, "right"),
        Column(_("Balance"), 1.7, "right"),
        Column(_("Share"), 1, "right"),
        Column(_("Weighted rate"), 1.1, "right"),
    ]
    shown, rest = one.strata[:STRATA_LISTED], one.strata[STRATA_LISTED:]
    rows = [
        [
            label(row.label),
            count(row.assets),
            full(row.balance_minor, content.currency),
            percent(row.balance_minor / total),
            percent(row.weighted_rate),
        ]
        for row in shown
    ]
    if rest:
        balance = sum(row.balance_minor for row in rest)
        others = sum(row.assets for row in rest)
        money, share = full(balance, content.currency), percent(balance / total)
        rows.append([_("Others"), count(others), money, share, "–"])
    assets = count(sum(row.assets for row in one.strata))
    sums = [_("Total"), assets, full(total, content.currency), percent(1), ""]
    charted = one.strata[:STRATA_CHARTED]
    chart = horizontal_bar_chart(
        theme,
        [label(row.label) for row in charted],
        [row.balance_minor / total for row in charted],
        value_format=percent_axis,
    )
    title = heading(theme, 2, words.word(words.STRATIFICATIONS, one.code))
    return [together(title, chart), *data_table(theme, columns, rows, total=sums)]


def eligibility(theme: Theme, content: CircularContent) -> Story:
    """The rules of the pool, whom they refused, and the concentrations."""
    rules = [[_(rule.reason), count(rule.refused)] for rule in content.rules]
    limits = [
        [
            _(limit.reason),
            limit.limit,
            limit.actual,
            _("holds") if limit.holds else _("broken"),
        ]
        for limit in content.limits
    ]
    story = [
        *heading(theme, 1, _("Which assets were let in")),
        paragraph(
            theme,
            _(
                "Every asset on offer was held against every rule. An asset that fails one is "
                "refused, and its refusal with the reason is kept. One asset may fail several "
                "rules."
            ),
        ),
    ]
    if content.rule_set:
        text = _("The rules: %(name)s.") % {"name": rule_set_name(content.rule_set)}
        story.append(paragraph(theme, text))
    rule_columns = [
        Column(_("What an asset is refused for"), 5),
        Column(_("Refused"), 1, "right"),
    ]
    story += text_table(theme, rule_columns, rules)
    if limits:
        limit_columns = [
            Column(_("What it limits"), 4),
            Column(_("Allowed"), 1, "right"),
            Column(_("In this pool"), 1, "right"),
            Column(_("Result"), 0.9),
        ]
        story += [*heading(theme, 2, _("Concentrations"))]
        story += text_table(theme, limit_columns, limits)
    return story


def risks(theme: Theme, _content: CircularContent) -> Story:
    """Risk factors."""
    story = heading(theme, 1, _("Risk factors"))
    for title, text in words.RISKS:
        story += [*heading(theme, 3, str(title)), paragraph(theme, str(text))]
    return story


def series_of_notes(content: CircularContent) -> Sequence[Series]:
    """What each class has outstanding by month, the most junior first (the lowest area)."""
    major = to_major(content.currency)
    ordered = sorted(enumerate(content.tranches), key=lambda pair: -pair[1].rank)
    return [
        Series(
            words.word(words.PAYEES, line.name),
            [major(month.notes_minor[i]) for month in content.cash_flow],
        )
        for i, line in ordered
    ]
