"""What is wrong with a quote's input, and how to mend it: code -> two translatable templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tenants.problems import FieldError

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "required": ("This field is empty.", "Fill it in."),
    "unknown_field": ("There is no such field.", "Remove it or check its spelling."),
    "unknown_code": (
        "This is not one of the known codes.",
        "Choose one of those that docs/quotes.md lists.",
    ),
    "not_of_product": (
        "This product or rent pattern has no such input.",
        "Remove it, or choose a product that has it.",
    ),
    "not_minor": (
        "This is not a number of minor units.",
        "Write the amount in minor units, digits only: CNY 12.30 is 1230.",
    ),
    "out_of_range": (
        "The value is out of range.",
        "Write an amount below one thousand million, or a share below 100 per cent.",
    ),
    "not_rate": (
        "This is not a rate.",
        "Write a fraction from 0 to 1 with at most six decimals: 8.95 % is 0.0895.",
    ),
    "not_term": ("This is not a term.", "Write whole months, from 1 to 120."),
    "not_date": ("This is not a date.", "Write year, month and day, 2000 to 2099: 2026-02-28."),
    "not_steps": (
        "These are not steps of rent.",
        "Write months and per cent of the base rent: 12:100,24:70.",
    ),
    "not_season": (
        "This is not a year of rents.",
        "Write twelve per cents of the base rent, January first.",
    ),
    "no_rent": ("No period has a rent.", "Give at least one period a share above zero."),
    "steps_unlike_term": (
        "The steps do not last as long as the lease.",
        "Let the months of all steps add up to the term.",
    ),
    "residual_above_financed": (
        "What is due at the end is above the financed amount.",
        "Write a balloon, purchase price or residual of at most the financed amount.",
    ),
    "deposit_above_financed": (
        "The deposit is above the financed amount.",
        "Write a deposit below the financed amount.",
    ),
    "financed_above_value": (
        "The financed amount is too high for the vehicle's price.",
        "Finance at most the price (leaseback) or the price with its add-ons (direct lease).",
    ),
    "no_rule_in_force": (
        "No cap, tax or limit is known for this day.",
        "Choose a later day, or ask the operator to add the rule in force to the table.",
    ),
    "rents_do_not_repay": (
        "Rounded to the cent, these rents do not repay the financed amount.",
        "Finance more, or choose a shorter term.",
    ),
}


def field_error(name: str, code: str) -> FieldError:
    """The finding in words."""
    return FieldError(name, code, *WORDS[code])
