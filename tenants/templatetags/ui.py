"""Template tags of the design system: icons, money, percentages, instants, status pills.

Load with ``{% load ui %}``. The formatting itself is pure and lives in ``tenants/formatting.py``;
here stands what needs the request's language or makes HTML. ``docs/design-system.md`` shows each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from tenants import formatting
from tenants.money import DEFAULT_CURRENCY, Money
from tenants.templatetags import provinces, statuses

register = template.Library()

#: Django's message levels and our four tones.
_TONES = {"debug": "neutral", "error": "danger"}


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _as_money(value: Any, currency: str) -> Money | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, Money) else Money.from_minor(int(value), currency)


def _as_decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """``{% icon "car" %}``: decorative; give a label only where no text stands beside it."""
    href = f"{static('ui/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.filter
def money(value: Any, currency: str = DEFAULT_CURRENCY) -> str:
    """``{{ minor|money }}``, ``{{ minor|money:"USD" }}``, ``{{ money_object|money }}``: in full."""
    amount = _as_money(value, currency)
    return "" if amount is None else formatting.full_money(amount)


@register.filter
def money_short(value: Any, currency: str = DEFAULT_CURRENCY) -> str:
    """Shortened for key figures: ``¥1.23 bn`` in English, ``¥12.3亿`` in Chinese."""
    amount = _as_money(value, currency)
    return "" if amount is None else formatting.short_money(amount, chinese=_chinese())


@register.filter
def percent(value: Any, places: int = 2) -> str:
    """``{{ fraction|percent }}`` or ``{{ fraction|percent:1 }}``; empty when there is no figure."""
    number = _as_decimal(value)
    return "" if number is None else formatting.percent(number, places)


@register.filter
def number(value: Any, places: int = 0) -> str:
    """Thousands separated, fixed places; empty when there is no figure."""
    figure = _as_decimal(value)
    return "" if figure is None else f"{figure:,.{places}f}".replace("-", formatting.MINUS)


@register.filter
def short_hash(value: Any, keep: int = 6) -> str:
    """The two ends of a long hash."""
    return formatting.short_hash(str(value or ""), keep)


@register.simple_tag
def moment(value: dt.datetime | None, relative: bool = True) -> SafeString | str:
    """An instant as ``<time>``; ``ui/app.js`` adds "3 minutes ago" beside the full time.

    Not relative: date and minute, with seconds and zone as its title. A table keeps to one of both.
    """
    if value is None:
        return ""
    aware = value if timezone.is_aware(value) else timezone.make_aware(value, dt.UTC)
    local = timezone.localtime(aware)
    shown = date_format(local, "Y-m-d H:i")
    full = format_html(' title="{}"', local.strftime("%Y-%m-%d %H:%M:%S %z"))
    mark = SafeString(" data-relative") if relative else full
    return format_html('<time datetime="{}"{}>{}</time>', aware.isoformat(), mark, shown)


@register.filter
def day(value: dt.date | None) -> SafeString | str:
    """A date as ``<time>``, ISO form in both languages."""
    iso = "" if value is None else value.isoformat()[:10]
    return format_html('<time datetime="{}">{}</time>', iso, iso) if iso else ""


@register.simple_tag
def status_pill(code: str, label: str = "") -> SafeString:
    """``{% status_pill lease.status %}``: the tone and the words of a known state."""
    return format_html(
        '<span class="pill pill--{}">{}</span>',
        statuses.tone_of(code),
        label or statuses.label_of(code),
    )


@register.filter
def tone(level: str) -> str:
    """A message level as one of our tones: error is danger."""
    return _TONES.get(level, level or "info")


@register.filter
def person_name(user: Any) -> str:
    """What a person is called: the display name, else the sign-in name."""
    return getattr(user, "display_name", "") or str(user)


@register.filter
def institution(tenant: Any) -> str:
    """A tenant's name in the reader's language; empty where there is no tenant."""
    chinese = getattr(tenant, "name_zh", "") if _chinese() else ""
    return chinese or getattr(tenant, "name", "")


@register.filter
def initials(user: Any) -> str:
    """Two letters of a Latin name, the family name's first character of a Chinese one."""
    name = person_name(user).strip()
    words = name.replace("@", " ").replace(".", " ").split()
    if not words:
        return "?"
    if not words[0].isascii():
        return words[0][:1]
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """A value of a mapping by a variable key; None where it is missing."""
    return mapping.get(key) if isinstance(mapping, Mapping) else None


@register.filter
def get_at(sequence: Any, position: int) -> Any:
    """An element of a sequence by a variable position."""
    return sequence[position]


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether a bound field is drawn as one box with its label beside it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def submits(field: BoundField) -> SafeString:
    """A filter's control: a list sends its form at once, a text waits for the button."""
    is_list = isinstance(field.field.widget, Select)
    return field.as_widget(attrs={"data-submit": ""} if is_list else None)


@register.filter
def problem_text(problem: Any, part: str = "detail") -> str:
    """A part of a `tenants.problems.Problem` in the reader's language."""
    return str(problem.text(part, gettext))


@register.filter
def problem_errors(problem: Any) -> list[dict[str, str]]:
    """The field errors of a `Problem` in the reader's language."""
    return [error.as_dict(gettext) for error in problem.errors]


@register.filter
def chart_rows(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the table below a chart, formatted as the chart's axis is."""
    shown = {"percent": percent, "money": _major_units(data.get("currency", DEFAULT_CURRENCY))}
    show = shown.get(data.get("format", ""), _plain)
    columns = [series["values"] for series in data["series"]]
    return [
        {"label": label, "figures": [show(column[i]) for column in columns]}
        for i, label in enumerate(data["x"])
    ]


def _plain(value: Any) -> str:
    figure = _as_decimal(value)
    return "–" if figure is None else f"{figure:,f}".replace("-", formatting.MINUS)


def _major_units(currency: str) -> Callable[[Any], str]:
    """Charts carry money in major units, as their axes show it."""

    def show(value: Any) -> str:
        figure = _as_decimal(value)
        return "–" if figure is None else formatting.full_money(Money.rounded(figure, currency))

    return show


@register.inclusion_tag("ui/tile_grid.html")
def province_tiles(values: dict[str, Any], caption: str, kind: str = "number") -> dict[str, Any]:
    """Mainland provinces as a grid of tiles shaded by value.

    `values`: GB/T 2260 two-digit code → figure. `kind`: ``number``, ``percent`` or ``money``.
    """
    return {"tiles": provinces.tiles(values), "caption": caption, "kind": kind}
