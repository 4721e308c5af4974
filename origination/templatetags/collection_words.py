"""Words and pills of the collections desk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from origination.domain.collections.rules import BEIJING
from origination.wording_collections import (
    BREACHES,
    BUCKETS,
    CHANNELS,
    OUTCOMES,
    PROMISE_TONES,
    PROMISES,
)

register = template.Library()


def _word(table: Mapping[Any, object], code: str, otherwise: str = "") -> str:
    """A code's word in a table; its keys are enums of text, which equal their codes."""
    return str(table.get(code, otherwise or code))


@register.filter
def beijing(at: datetime) -> SafeString:
    """When a contact took place, by the clock that the permitted hours go by."""
    local = at.astimezone(BEIJING)
    shown, full = local.strftime("%Y-%m-%d %H:%M"), local.strftime("%Y-%m-%d %H:%M %z")
    mark = '<time datetime="{}" title="{}" class="nowrap">{}</time>'
    return format_html(mark, at.isoformat(), full, shown)


@register.filter
def channel_name(code: str) -> str:
    """What a kind of contact is called."""
    return _word(CHANNELS, code)


@register.filter
def outcome_name(code: str) -> str:
    """What came of a contact."""
    return _word(OUTCOMES, code)


@register.filter
def breach_name(code: str) -> str:
    """Which rule a contact breaks."""
    return _word(BREACHES, code)


@register.filter
def bucket_name(code: str) -> str:
    """Days past due as the trade groups them."""
    return _word(BUCKETS, code)


@register.filter
def promise_pill(code: str) -> SafeString:
    """What became of a promise, as a pill."""
    tone = _word(PROMISE_TONES, code, "neutral")
    return format_html('<span class="pill pill--{}">{}</span>', tone, _word(PROMISES, code))
