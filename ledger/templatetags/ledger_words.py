"""Words of the ledger for templates."""

from django import template

from ledger.reasons.pages import reason
from ledger.refusal_words import refusal_words
from ledger.witnessing.telling import worded
from ledger.wording import kind_in_words

register = template.Library()
register.filter("entry_kind", kind_in_words)
register.filter("refusal_words", refusal_words)
register.filter("told", worded)
register.filter("reason", reason)
