"""A waterfall in words: why a line was due, and where its money came from."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from pools.circular import words
from pools.models.distributions import UNPLACED
from pools.structure.terms import SOURCES
from pools.structure.waterfall import Line
from tenants.formatting import full_money, percent
from tenants.money import Money

#: A line's reason (`pools.structure.waterfall`) as a sentence with its figures.
REASONS = {
    "base × rate × years": lazy("%(base)s × %(rate)s × %(years)s of a year (%(day_count)s)"),
    "as invoiced": lazy("as invoiced"),
    "up to its target": lazy("up to its target of %(target)s"),
    "reserve above its target": lazy("what the reserve holds above its target of %(target)s"),
    "receivables on offer": lazy("receivables on offer"),
    "what is left": lazy("what is left"),
    "down to the planned balance": lazy("down to the planned balance"),
    "everything found": lazy("everything found, until nothing is outstanding"),
    "principal collected": lazy("principal collected"),
    "notes − (pool − target OC)": lazy("notes %(notes)s − (pool %(pool)s − target %(target_oc)s)"),
    "pool before − pool after": lazy("pool before %(opening)s − pool after %(closing)s"),
}
PAYEES = words.PAYEES | {
    "income": lazy("Income"),
    "reserve": lazy("Reserve"),
    UNPLACED: lazy("Not placed: the trust company"),
}
KINDS = {
    "rent": lazy("Rent"),
    "settlement": lazy("Settlement"),
    "recovery": lazy("Recovery"),
    "refund": lazy("Refund"),
}
_MONEY = ("base", "fixed", "carried", "cap", "target", "notes", "pool", "target_oc", "opening",
          "closing")  # fmt: skip


def payee_word(code: str) -> str:
    """Who is paid: a class, a fee, an account, or a name as it is."""
    return str(PAYEES.get(code, code))


def source_words(line: Line, money: Callable[[int], str]) -> list[str]:
    """Each ledger that a line drew on, with what it gave."""
    drawn = [(name, line.sources[name]) for name in SOURCES if line.sources.get(name)]
    return [f"{words.word(words.SOURCES, name)} {money(minor)}" for name, minor in drawn]


def why(line: Line, currency: str) -> str:
    """The reason of a line in the reader's language, with its figures."""
    params = {name: _shown(name, value, currency) for name, value in line.params.items()}
    text = str(REASONS.get(line.reason, line.reason)) % params
    has_rate = Decimal(line.params.get("rate", "0")) > 0
    if line.params.get("fixed", "0") != "0":
        text = (
            _("%(fixed)s fixed") % params
            if not has_rate
            else (_("%(text)s, and %(fixed)s fixed") % {"text": text, "fixed": params["fixed"]})
        )
    if "carried" in params:
        owed = {"text": text, "carried": params["carried"]}
        text = _("%(text)s, and %(carried)s owed from before") % owed
    if "cap" in params:
        text = _("%(text)s, at most %(cap)s") % {"text": text, "cap": params["cap"]}
    return text


def _shown(name: str, value: str, currency: str) -> str:
    if name in _MONEY:
        return full_money(Money.from_minor(int(value), currency))
    if name == "rate":
        return percent(Decimal(value))
    return str(Fraction(value)) if name == "years" else value
