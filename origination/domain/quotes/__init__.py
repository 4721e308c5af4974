"""Quotes of vehicle leases: rentals, implicit rate and the lessee's all-in cost, exact to the cent.

Whole numbers throughout (minor units, millionths of a rate), so that the phone's own script
(`mobile/quote/`) works out the same digits without a network. docs/quotes.md has the conventions.
"""

from origination.domain.quotes.inputs import FIELDS, QuoteTerms, parse
from origination.domain.quotes.quote import Quote, calculate
from origination.domain.quotes.rules import Rules, load_rules

__all__ = ["FIELDS", "Quote", "QuoteTerms", "Rules", "calculate", "load_rules", "parse"]
