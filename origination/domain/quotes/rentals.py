"""Every rental of a quote as a receivable of its own, exact to the minor unit.

Interest runs a twelfth of the annual nominal rate a period on what is owed, rounded half up once a
period. A rent pays interest first, then principal; where a low or missing rent leaves interest
unpaid it is owed on, and bears interest, since the rents were solved so. The last rent takes what
rounding left over, so sum(principal) == financed amount. For level, level principal and flat fee
this is the schedule of `origination.domain.schedule`, to the cent.

Level, step and seasonal rents solve one equation, in whole numbers: with weights w_k at periods t_k
and v = 1 / (1 + rate / 12),  base = (financed - residual v^n) / sum(w_k v^t_k),  rent_k = w_k base
rounded half up once (the annuity; numpy-financial's pmt is the case of equal weights).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Final

from origination.domain.months import add_months
from origination.domain.quotes.inputs import RESIDUALS, QuoteTerms
from origination.domain.quotes.rules import Rules
from origination.domain.quotes.whole import MILLION, half_up
from origination.domain.quotes.words import field_error
from origination.domain.schedule import PERIODS_A_YEAR, period_interest
from tenants.money import allocate_minor
from tenants.problems import Invalid

_UNIT: Final = PERIODS_A_YEAR * MILLION


@dataclass(frozen=True, slots=True)
class Rental:
    """One amount due: interest + principal = amount, VAT inside it, all in minor units.

    `period` counts months from the start; `kind` is rent, balloon, purchase or unguaranteed (the
    last is nobody's debt); `set_off` is what of the deposit pays it.
    """

    number: int
    period: int
    due_on: date
    interest: int
    principal: int
    vat: int
    kind: str = "rent"
    set_off: int = 0

    @property
    def amount(self) -> int:
        return self.interest + self.principal


def rentals(terms: QuoteTerms, rules: Rules) -> list[Rental]:
    """All rentals in order of number; what is due at the end comes last.

    Raises `Invalid` where rounding to the cent leaves rents that do not repay.
    """
    paid = [k for k, weight in enumerate(terms.weights) if weight]
    left = _left_after(terms, paid[-1])
    parts = _PARTS.get(terms.pattern, _weighted)(terms, paid, left)
    if any(interest < 0 or principal < 0 for interest, principal in parts):
        raise Invalid(
            code="quote_invalid",
            title="The quote has inputs that need to be mended.",
            errors=[field_error("term_months", "rents_do_not_repay")],
        )
    shift = terms.timing == "arrears"
    first = add_months(terms.starts_on, int(shift))
    rows = [
        (k + shift, add_months(first, k), interest, principal, "rent")
        for k, (interest, principal) in zip(paid, parts, strict=True)
    ]
    rows += _at_the_end(terms, first, left)
    offsets = _set_off(terms, [row[2] + row[3] for row in rows if row[4] == "rent"])
    offsets += [0] * (len(rows) - len(offsets))
    return [
        Rental(i + 1, *row[:4], _vat(terms, rules, row), row[4], offset)
        for i, (row, offset) in enumerate(zip(rows, offsets, strict=True))
    ]


def maturity(terms: QuoteTerms) -> date:
    """The day of the last rent in arrears, a month after it in advance."""
    shift = int(terms.timing == "arrears")
    return add_months(add_months(terms.starts_on, shift), terms.term - shift)


def _left_after(terms: QuoteTerms, last: int) -> int:
    """The balance that the residual redeems after the last rent, rounded half up.

    The residual discounted over the periods between the two; under a flat fee, which charges
    nothing on it, the residual itself.
    """
    waits = terms.term - last - (terms.timing == "arrears")
    if terms.pattern == "flat_fee":
        return terms.residual
    return half_up(terms.residual * _UNIT**waits, (_UNIT + terms.rate) ** waits)


def _weighted(terms: QuoteTerms, paid: list[int], left: int) -> list[tuple[int, int]]:
    rents = _solved(terms)
    principal, accrued, parts = terms.financed_amount, 0, []
    for k in range(paid[-1] + 1):
        if k or terms.timing == "arrears":
            accrued += period_interest(principal + accrued, terms.rate)
        if not terms.weights[k]:
            continue
        last = k == paid[-1]
        interest = accrued if last else min(rents[k], accrued)
        repaid = principal - left if last else rents[k] - interest
        parts.append((interest, repaid))
        principal -= repaid
        accrued -= interest
    return parts


def _solved(terms: QuoteTerms) -> list[int]:
    n, grown = terms.term, _UNIT + terms.rate
    up = list(accumulate([grown] * n, lambda a, b: a * b, initial=1))
    down = list(accumulate([_UNIT] * n, lambda a, b: a * b, initial=1))
    shift = terms.timing == "arrears"
    worth = terms.financed_amount * up[n] - terms.residual * down[n]
    each = sum(w * down[k + shift] * up[n - k - shift] for k, w in enumerate(terms.weights))
    return [half_up(worth * weight, each) for weight in terms.weights]


def _level_principal(terms: QuoteTerms, paid: list[int], left: int) -> list[tuple[int, int]]:
    balance, parts = terms.financed_amount, []
    for k, principal in enumerate(allocate_minor(balance - left, [1] * terms.term)):
        bears = k or terms.timing == "arrears"
        parts.append((period_interest(balance, terms.rate) if bears else 0, principal))
        balance -= principal
    return parts


def _flat_fee(terms: QuoteTerms, paid: list[int], left: int) -> list[tuple[int, int]]:
    n, repaid = terms.term, terms.financed_amount - left
    charged = terms.financed_amount * terms.rate * n
    rent = half_up(repaid * MILLION + charged, n * MILLION)
    principal, odd = divmod(repaid, n)
    return [(rent - principal, principal)] * (n - 1) + [(rent - principal, principal + odd)]


_PARTS: Final = {"level_principal": _level_principal, "flat_fee": _flat_fee}


def _at_the_end(terms: QuoteTerms, first: date, left: int) -> list[tuple[int, date, int, int, str]]:
    due = [(name, terms.residuals[name]) for name in RESIDUALS if terms.residuals[name]]
    if not due:
        return []
    split = allocate_minor(left, [amount for _name, amount in due])
    day = maturity(terms)
    return [
        (terms.term, day, amount - principal, principal, name)
        for (name, amount), principal in zip(due, split, strict=True)
    ]


def _set_off(terms: QuoteTerms, rents: list[int]) -> list[int]:
    """The deposit against the last rents, the last one first."""
    left, offsets = terms.deposit if terms.set_off else 0, []
    for rent in reversed(rents):
        offsets.append(min(rent, left))
        left -= offsets[-1]
    return offsets[::-1]


def _vat(terms: QuoteTerms, rules: Rules, row: tuple[int, date, int, int, str]) -> int:
    """The VAT inside an amount due, half up, at the rate of its due day; an option bears none."""
    _period, due_on, interest, principal, kind = row
    vat = rules.vat(terms.product, due_on)
    if kind == "unguaranteed" or vat is None:
        return 0
    base = interest if vat.base == "interest" else interest + principal
    return half_up(base * vat.rate, MILLION + vat.rate)
