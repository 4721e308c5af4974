"""What a line of a statement pays: suggestions, each with its reasons and a score.

A suggestion is never booked by itself: a person confirms it, one by one or all that are safe.
Scores add up: the contract number in the text 60, an account that paid this lease before 30, the
lessee's name 20, the amount 15. Safe is a suggestion for one lease only, in its currency, whose
reasons bear each other out (75 or more), and whose amount is not beyond what the lease owes now
plus one rental.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from origination.domain.statements.lines import StatementLine

SAFE: Final = 75
_SHOWN: Final = 5


class Reason(StrEnum):
    CONTRACT = "contract"  # its number stands in the text
    ACCOUNT = "account"  # this account paid it before
    NAME = "name"  # the payer is called like the lessee
    OWED = "owed"  # the amount is what it owes
    RENT = "rent"  # the amount is its rental
    RENTS = "rents"  # the amount is several of its rentals
    RETURNED = "returned"  # the bank names the payment that came back
    SAME_AMOUNT = "same_amount"  # a payment of this amount by this account
    CREDIT = "credit"  # the lease has so much credit
    BOOKED = "booked"  # a line of this reference is booked on it


SCORES: Final[Mapping[Reason, int]] = {
    Reason.CONTRACT: 60,
    Reason.ACCOUNT: 30,
    Reason.NAME: 20,
    Reason.OWED: 15,
    Reason.RENT: 15,
    Reason.RENTS: 15,
    Reason.RETURNED: 80,
    Reason.SAME_AMOUNT: 40,
    Reason.CREDIT: 15,
    Reason.BOOKED: -90,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lease as a match needs it; amounts in minor units. `references` are booked on it."""

    rid: str
    contract_number: str
    lessee_name: str
    currency: str
    rent_minor: int
    owed_minor: int = 0
    credit_minor: int = 0
    accounts: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Booked:
    """A payment that a debit may take back."""

    rid: str
    reference: str
    amount_minor: int
    payer_account: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Book the line on a lease as a `kind`; `reverses` for a payment that came back."""

    rid: str
    contract_number: str
    lessee_name: str
    kind: str
    reasons: tuple[Reason, ...]
    score: int
    is_safe: bool = False
    reverses: str = ""


_WORD: Final = re.compile(r"[0-9A-Za-z]+(?:[-_/][0-9A-Za-z]+)*")


def plain(text: str) -> str:
    """Capital letters and figures only: as contract numbers and names are compared."""
    return re.sub(r"[\W_]+", "", text).upper()


def words(text: str) -> set[str]:
    """The pieces of a text that may be a contract number, six characters or more."""
    found = {plain(word) for word in _WORD.findall(text)}
    found |= {plain(part) for word in _WORD.findall(text) for part in re.split(r"[/_]", word)}
    return {word for word in found if len(word) >= 6}


def suggest(
    line: StatementLine, candidates: Iterable[Candidate], payments: Sequence[Booked] = ()
) -> list[Suggestion]:
    """The best suggestions, the best first; at most one of them is safe."""
    named = words(f"{line.remittance} {line.returns}")
    own = [lease for lease in candidates if lease.currency == line.currency]
    if line.amount_minor > 0:
        found = [_payment(line, lease, named) for lease in own]
    else:
        found = [_outgoing(line, lease, named, payments) for lease in own]
    kept = sorted(
        (one for one in found if one is not None and one.score > 0),
        key=lambda one: (-one.score, one.contract_number),
    )[:_SHOWN]
    return _marked(line, kept, {lease.rid: lease for lease in own})


def _reasons(line: StatementLine, lease: Candidate, named: set[str]) -> list[Reason]:
    reasons = []
    if plain(lease.contract_number) in named:
        reasons.append(Reason.CONTRACT)
    if line.payer_account and line.payer_account in lease.accounts:
        reasons.append(Reason.ACCOUNT)
    if line.payer_name and plain(line.payer_name) == plain(lease.lessee_name):
        reasons.append(Reason.NAME)
    return reasons


def _payment(line: StatementLine, lease: Candidate, named: set[str]) -> Suggestion | None:
    reasons = _reasons(line, lease, named)
    amount, rent = line.amount_minor, lease.rent_minor
    if amount == lease.owed_minor:
        reasons.append(Reason.OWED)
    elif amount == rent:
        reasons.append(Reason.RENT)
    elif rent and amount % rent == 0:
        reasons.append(Reason.RENTS)
    if line.reference and line.reference in lease.references:
        reasons.append(Reason.BOOKED)
    return _suggestion(lease, "rent", reasons)


def _outgoing(
    line: StatementLine, lease: Candidate, named: set[str], payments: Sequence[Booked]
) -> Suggestion | None:
    """Money that went out: a payment that came back, or a refund."""
    reasons = _reasons(line, lease, named)
    own = [one for one in payments if one.rid == lease.rid]
    by_reference = {plain(one.reference): one for one in own}
    told = plain(line.returns)
    back = by_reference.get(told) if told else None
    if back is None and line.is_return:
        back = next((by_reference[word] for word in named if word in by_reference), None)
    if back is not None and back.amount_minor == -line.amount_minor:
        return _suggestion(lease, "reversal", [*reasons, Reason.RETURNED], back.reference)
    if line.is_return:
        alike = [one for one in own if one.amount_minor == -line.amount_minor]
        alike = [
            one for one in alike
            if Reason.CONTRACT in reasons or one.payer_account == line.payer_account != ""
        ]  # fmt: skip
        if alike:
            reasons.append(Reason.SAME_AMOUNT)
            return _suggestion(lease, "reversal", reasons, alike[-1].reference)
        return None
    if 0 < -line.amount_minor <= lease.credit_minor:
        return _suggestion(lease, "refund", [*reasons, Reason.CREDIT])
    return None


def _suggestion(
    lease: Candidate, kind: str, reasons: list[Reason], reverses: str = ""
) -> Suggestion | None:
    """None where nothing but the amount speaks for it and it is money out."""
    who = {Reason.CONTRACT, Reason.ACCOUNT, Reason.NAME, Reason.RETURNED, Reason.SAME_AMOUNT}
    if kind == "refund" and not who & set(reasons):
        return None
    score = sum(SCORES[reason] for reason in reasons)
    return Suggestion(
        lease.rid, lease.contract_number, lease.lessee_name, kind, tuple(reasons),
        min(score, 100), reverses=reverses,
    )  # fmt: skip


def _marked(
    line: StatementLine, found: list[Suggestion], leases: Mapping[str, Candidate]
) -> list[Suggestion]:
    """The first marked safe, if it is."""
    if not found or found[0].score < SAFE or found[0].kind == "refund":
        return found
    best, lease = found[0], leases[found[0].rid]
    rivals = [one for one in found[1:] if one.score >= SAFE or Reason.CONTRACT in one.reasons]
    beyond = line.amount_minor > lease.owed_minor + lease.rent_minor
    if rivals or (best.kind == "rent" and beyond):
        return found
    safe = Suggestion(
        best.rid, best.contract_number, best.lessee_name, best.kind, best.reasons, best.score,
        True, best.reverses,
    )  # fmt: skip
    return [safe, *found[1:]]
