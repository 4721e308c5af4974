"""The accounts of a lease book and what an entry of its journal is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Account(StrEnum):
    """Accounts of the lessor's book; an asset's balance is a debit (above zero)."""

    BANK = "bank"
    RETURNED = "returned_payments"  # came in and bounced: nil once both are on the statement
    NOT_DUE = "rentals_not_due"
    DUE = "rentals_due"
    UNEARNED = "unearned_income"  # against the rentals
    RESIDUAL = "unguaranteed_residual"
    LATE = "late_interest_due"
    FEES = "fees_due"
    CREDIT = "lessee_credit"  # money that has paid nothing yet
    FUNDED = "contracts_funded"  # paid out for the vehicle
    VEHICLES = "vehicles_given_up"  # residual of a settled lease
    RECOVERIES = "recoveries"
    INCOME = "lease_income"
    LATE_INCOME = "late_interest_income"
    FEE_INCOME = "fee_income"
    SETTLEMENT_INCOME = "settlement_income"


class EntryKind(StrEnum):
    CORRECTION = "correction"  # of days before a period, by what happened in it
    CONTRACT = "contract"
    AMENDMENT = "amendment"
    RENTAL_DUE = "rental_due"
    INCOME = "income"
    LATE_INTEREST = "late_interest"
    FEE = "fee"
    RECEIPT = "receipt"
    ALLOCATION = "allocation"
    REFUND = "refund"
    RECOVERY = "recovery"
    RETURNED = "returned"
    SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: (account, minor units) with debits above zero; the amounts add up to nought.

    `reference` is the bank line's; `rental` the number of the rental, 0 for none.
    """

    day: date
    kind: EntryKind
    postings: tuple[tuple[Account, int], ...]
    reference: str = ""
    rental: int = 0

    @classmethod
    def of(
        cls,
        day: date,
        kind: EntryKind,
        *postings: tuple[Account, int],
        reference: str = "",
        rental: int = 0,
    ) -> Entry:
        """Without what is nought. Raises ValueError where debits are not credits."""
        if sum(amount for _, amount in postings):
            raise ValueError(f"an entry of {day} ({kind}) does not balance: {postings}")
        kept = tuple(posting for posting in postings if posting[1])
        return cls(day, kind, kept, reference, rental)


def trial_balance(entries: Iterable[Entry]) -> dict[Account, int]:
    """Each account's balance, debits above zero; together they are nought."""
    balance = dict.fromkeys(Account, 0)
    for entry in entries:
        for account, amount in entry.postings:
            balance[account] += amount
    return balance


def in_order(entries: Iterable[Entry]) -> Sequence[Entry]:
    """By day, then as a day runs: what falls due and is charged before what is paid."""
    rank = {kind: place for place, kind in enumerate(EntryKind)}
    filled = [entry for entry in entries if entry.postings]
    return sorted(filled, key=lambda e: (e.day, rank[e.kind], e.reference, e.rental))
