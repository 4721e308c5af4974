"""Words and pills of the collections desk."""

from datetime import datetime

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
    return str(CHANNELS.get(code, code))  # type: ignore[call-overload]  # a code is its enum


@register.filter
def outcome_name(code: str) -> str:
    """What came of a contact."""
    return str(OUTCOMES.get(code, code))  # type: ignore[call-overload]  # a code is its enum


@register.filter
def breach_name(code: str) -> str:
    """Which rule a contact breaks."""
    return str(BREACHES.get(code, code))  # type: ignore[call-overload]  # a code is its enum


@register.filter
def bucket_name(code: str) -> str:
    """Days past due as the trade groups them."""
    return str(BUCKETS.get(code, code))  # type: ignore[call-overload]  # a code is its enum


@register.filter
def promise_pill(code: str) -> SafeString:
    """What became of a promise, as a pill."""
    tone = PROMISE_TONES.get(code, "neutral")  # type: ignore[call-overload]  # a code is its enum
    words = PROMISES.get(code, code)  # type: ignore[call-overload]  # a code is its enum
    return format_html('<span class="pill pill--{}">{}</span>', tone, words)
