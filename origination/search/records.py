"""What the book holds beside leases, and the ledger's entries, in one query each."""

from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.wording import kind_in_words
from origination.domain.asking import SHORTEST, Asked, like
from origination.search.hits import Hit
from origination.search.parts import PAPER, STATEMENT_LINE, Look, holds
from tenants.formatting import full_money
from tenants.money import Money

QUOTE = "quote.recorded"

_PAYMENTS = Look(
    "origination_paymentevent AS p JOIN origination_lease AS l ON l.rid = p.lease_id",
    [
        "p.entry_index", "p.bank_reference", "p.amount_minor", "p.currency",
        "p.effective_at::date::text", "l.contract_number",
    ],
    ["p.bank_reference"],
    "p.effective_at DESC",
)  # fmt: skip
_LINES = Look(
    "origination_statementline",
    ["id", "reference", "payer_name", "amount_minor", "currency", "booked_on::text"],
    ["reference", "payer_name"],
    "booked_on DESC",
    ends=["reference"],
)
_PAPERS = Look(
    "origination_vehiclepaper AS p JOIN origination_lease AS l ON l.rid = p.lease_id",
    ["p.lease_id", "p.number", "p.party", "l.contract_number", "p.until_on::text"],
    ["p.number", "p.party"],
    "p.id DESC",
    ends=["p.number"],
)
_TAPES = Look(
    "origination_tape", ["rid", "file_name", "imported_at::date::text"],
    ["file_name", "sha256"], "imported_at DESC",
)  # fmt: skip
_STATEMENTS = Look(
    "origination_statement", ["file_name", "from_day::text", "to_day::text"],
    ["file_name", "sha256"], "imported_at DESC",
)  # fmt: skip
_ENTRIES = Look("ledger_entry", ["index", "kind", "rid"], ["rid::text"], "index DESC")


def payments(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """Bank lines of leases, by the beginning of the bank's reference."""
    if len(asked.text) < SHORTEST:
        return []
    where = "upper(p.bank_reference) LIKE upper(%(start)b)"
    rows = _PAYMENTS.run(where, {"typed": asked.text, "start": like(asked.text)[1:]}, limit)
    return [
        Hit(
            reverse("ledger-entry", args=[index]),
            reference,
            [full_money(Money.from_minor(amount, of)), day, lease],
        )
        for index, reference, amount, of, day, lease, _place in rows
    ]


def statement_lines(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """Lines of bank statements, by reference, payer or text."""
    if not asked.is_enough:
        return []
    rows = _LINES.run(*holds(asked, STATEMENT_LINE), limit)
    return [
        Hit(
            reverse("statement-line", args=[line]),
            reference or payer or day,
            [payer, full_money(Money.from_minor(amount, currency)), day],
        )
        for line, reference, payer, amount, currency, day, _place in rows
    ]


def papers(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """Insurances, registrations and mortgages, by number, insurer or office."""
    if not asked.is_enough:
        return []
    rows = _PAPERS.run(*holds(asked, PAPER), limit)
    return [
        Hit(reverse("lease", args=[rid]), number or party, [party, contract, until or ""])
        for rid, number, party, contract, until, _place in rows
    ]


def tapes(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """Imported files by name or by the beginning of their hash."""
    found = _files(_TAPES, asked, limit)
    return [Hit(reverse("tape", args=[rid]), name, [day]) for rid, name, day, _place in found]


def statements(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """Bank statements by the name of their file."""
    found = _files(_STATEMENTS, asked, limit)
    return [Hit(reverse("statements"), name, [f"{start} – {end}"]) for name, start, end, _ in found]


def entries(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """The ledger's entries by place, or by the beginning of their record id."""
    return _entries(asked, "kind <> %(quote)b", limit)


def quotes(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """Quotes by the beginning of their record id: their content is sealed in the ledger."""
    return _entries(asked, "kind = %(quote)b", limit)


def _entries(asked: Asked, kinds: str, limit: int) -> list[Hit]:
    tests, given = [], {"typed": asked.text, "quote": QUOTE}
    if (number := asked.number) is not None:
        tests.append("index = %(number)b::bigint")
        given["number"] = str(number)
    if found := asked.records:
        tests.append("rid BETWEEN %(first)b::uuid AND %(last)b::uuid")
        given["first"], given["last"] = map(str, found)
    if not tests:
        return []
    rows = _ENTRIES.run(f"({' OR '.join(tests)}) AND {kinds}", given, limit)
    return [
        Hit(reverse("ledger-entry", args=[index]), _("Entry %(place)s") % {"place": index},
            [kind_in_words(kind), str(rid)])
        for index, kind, rid, _place in rows
    ]  # fmt: skip


def _files(look: Look, asked: Asked, limit: int) -> list[tuple]:
    if not asked.is_enough:
        return []
    given: dict[str, object] = {"typed": asked.text, "start": asked.text}
    tests = []
    for number, word in enumerate(asked.words):
        tests.append(f"lower(file_name) LIKE lower(%(word{number})b)")
        given[f"word{number}"] = like(word)
    where = f"({' AND '.join(tests)}) OR starts_with(sha256, lower(%(start)b))"
    return look.run(where, given, limit)
