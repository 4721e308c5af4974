"""Words of the ledger for templates."""

from django import template
from django.db import connection
from django.utils.translation import gettext as _
from django_tenants.utils import get_public_schema_name

from ledger.checking.words import is_rolled_back
from ledger.models import LedgerCheck
from ledger.reasons.pages import reason
from ledger.refusal_words import refusal_words
from ledger.standstill import Notice, standstill
from ledger.witnessing.telling import worded
from ledger.wording import kind_in_words

register = template.Library()


@register.simple_tag(name="standstill")
def _standstill() -> Notice | None:
    """Why this tenant's ledger stands still; None where it does not, and on the platform's host."""
    return None if connection.schema_name == get_public_schema_name() else standstill()


@register.filter
def altered(check: LedgerCheck) -> str:
    """In two words, what is wrong with a stored log that is not as it was signed."""
    return _("Rolled back") if is_rolled_back(check) else _("Altered")


register.filter("entry_kind", kind_in_words)
register.filter("refusal_words", refusal_words)
register.filter("told", worded)
register.filter("reason", reason)
