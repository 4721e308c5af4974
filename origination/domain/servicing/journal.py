"""The double-entry journal of a lease, made from its replay.

Never kept and patched: the journal as of a day and a state of knowledge is what the replay of that
day says, so its accounts add up to the balances. All money passes *lessee credit*: a receipt goes
into it, what is due is paid out of it. Income and late interest are recognised at month ends, on
the days given as `cuts`, on the last day, and late interest also when some of it is paid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta

from origination.domain.months import month_end
from origination.domain.schedule import Receivable, ReceivableKind
from origination.domain.servicing.accounts import Account, Entry, EntryKind, in_order
from origination.domain.servicing.events import EventKind, PaymentEvent, counted_events
from origination.domain.servicing.income import earned_by
from origination.domain.servicing.payoff import Contract
from origination.domain.servicing.position import Line
from origination.domain.servicing.rentals import Rental
from origination.domain.servicing.replay import Replay


def month_ends(start: date, end: date) -> Iterator[date]:
    """The last days of the months from `start` to `end`, both included."""
    day = month_end(start)
    while day <= end:
        yield day
        day = month_end(day + timedelta(days=1))


def journal(replay: Replay, *, cuts: Iterable[date] = ()) -> Sequence[Entry]:
    """Every entry of the lease up to the replay's day, in order."""
    contract, last = replay.contract, replay.as_of
    if contract.started_on > last:
        return []
    days = sorted(
        {day for day in (*month_ends(contract.started_on, last), *cuts, last) if day <= last}
    )
    entries = [_contract(contract), *_changes(replay)]
    entries += _fell_due(replay)
    entries += _income(replay, days)
    for rental in replay.due:
        entries += _late(replay, rental, days)
        if rental.fee:
            day = date.fromordinal(rental.fee_day)
            postings = (Account.FEES, rental.fee), (Account.FEE_INCOME, -rental.fee)
            entries.append(Entry.of(day, EntryKind.FEE, *postings, rental=rental.receivable.number))
    entries += [_bank(event) for event in replay.standing]
    entries += [_applied(line) for line in replay.lines]
    if replay.closed_day:
        entries.append(_closing(replay))
    return in_order([*entries, *_returned(replay)])


def _contract(contract: Contract) -> Entry:
    rows = contract.receivables
    debts = [row for row in rows if row.kind is not ReceivableKind.OPTION]
    options = [row for row in rows if row.kind is ReceivableKind.OPTION]
    return Entry.of(
        contract.started_on,
        EntryKind.CONTRACT,
        (Account.NOT_DUE, sum(row.amount_minor for row in debts)),
        (Account.RESIDUAL, sum(row.amount_minor for row in options)),
        (Account.UNEARNED, -sum(row.interest_minor for row in rows)),
        (Account.FUNDED, -sum(row.principal_minor for row in rows)),
    )


def _changes(replay: Replay) -> Iterator[Entry]:
    """What a change of the contract adds to the rentals that are not due, and to their income."""
    last = _until(replay, replay.as_of)
    before: Sequence[Receivable] = replay.contract.receivables
    for revision in replay.contract.revisions:
        if revision.on > last:
            return
        debts, options, interest = (
            _added(before, revision.receivables, of)
            for of in (
                lambda row: 0 if row.kind is ReceivableKind.OPTION else row.amount_minor,
                lambda row: row.amount_minor if row.kind is ReceivableKind.OPTION else 0,
                lambda row: row.interest_minor,
            )
        )
        yield Entry.of(
            revision.on,
            EntryKind.AMENDMENT,
            (Account.NOT_DUE, debts),
            (Account.RESIDUAL, options),
            (Account.UNEARNED, -interest),
        )
        before = revision.receivables


def _added(
    before: Sequence[Receivable], after: Sequence[Receivable], of: Callable[[Receivable], int]
) -> int:
    return sum(map(of, after)) - sum(map(of, before))


def _fell_due(replay: Replay) -> Iterator[Entry]:
    for rental in replay.due:
        row = rental.receivable
        yield Entry.of(
            max(row.due_on, replay.contract.started_on),
            EntryKind.RENTAL_DUE,
            (Account.DUE, row.amount_minor),
            (Account.NOT_DUE, -row.amount_minor),
            rental=row.number,
        )


def _until(replay: Replay, day: date) -> date:
    """Nothing is earned after a settlement."""
    return min(day, replay.settled_on) if replay.settled_on else day


def _income(replay: Replay, days: Sequence[date]) -> Iterator[Entry]:
    before = 0
    for day in days:
        earned = earned_by(replay.contract, _until(replay, day))
        if part := earned - before:
            postings = (Account.UNEARNED, part), (Account.INCOME, -part)
            yield Entry.of(day, EntryKind.INCOME, *postings)
        before = earned


def _late(replay: Replay, rental: Rental, days: Sequence[date]) -> Iterator[Entry]:
    """Late interest of a rental, each day what was charged since the one before."""
    rule, number = replay.contract.terms.late_interest, rental.receivable.number
    paid = {line.on for line in replay.lines if line.receivable == number and line.penalty_minor}
    before = 0
    for day in sorted({*days, *paid}):
        charged = rental.late_interest(_until(replay, day).toordinal(), rule)
        if part := charged - before:
            postings = (Account.LATE, part), (Account.LATE_INCOME, -part)
            yield Entry.of(day, EntryKind.LATE_INTEREST, *postings, rental=number)
        before = charged


def _bank(event: PaymentEvent) -> Entry:
    """What the bank's account did, against what it was."""
    amount, reference, on = event.amount_minor, event.reference, event.effective_on
    if event.kind is EventKind.REFUND:
        postings = (Account.CREDIT, amount), (Account.BANK, -amount)
        return Entry.of(on, EntryKind.REFUND, *postings, reference=reference)
    recovery = event.kind is EventKind.RECOVERY
    kind = EntryKind.RECOVERY if recovery else EntryKind.RECEIPT
    against = Account.RECOVERIES if recovery else Account.CREDIT
    postings = (Account.BANK, amount), (against, -amount)
    return Entry.of(on, kind, *postings, reference=reference)


def _applied(line: Line) -> Entry:
    rent = line.interest_minor + line.principal_minor + line.settlement_minor
    return Entry.of(
        line.on,
        EntryKind.ALLOCATION,
        (Account.CREDIT, rent + line.penalty_minor + line.fee_minor),
        (Account.DUE, -rent),
        (Account.LATE, -line.penalty_minor),
        (Account.FEES, -line.fee_minor),
        reference=line.reference,
        rental=line.receivable,
    )


def _closing(replay: Replay) -> Entry:
    """A settlement: what falls due of the rest, and what of the rentals falls away."""
    contract = replay.contract.at(date.fromordinal(replay.settled_day))
    rows, later = contract.receivables, [r.receivable for r in replay.later]
    options = [row for row in rows if row.kind is ReceivableKind.OPTION]
    interest = sum(row.interest_minor for row in rows)
    unearned = interest - earned_by(replay.contract, date.fromordinal(replay.settled_day))
    principal = sum(row.principal_minor for row in later)
    given_up = sum(row.interest_minor for row in (*later, *options))
    asked, charge = replay.closing_interest, replay.closing_charge
    return Entry.of(
        date.fromordinal(replay.closed_day),
        EntryKind.SETTLEMENT,
        (Account.DUE, principal + asked + charge),
        (Account.NOT_DUE, -sum(row.amount_minor for row in later)),
        (Account.UNEARNED, unearned),
        (Account.RESIDUAL, -sum(row.amount_minor for row in options)),
        (Account.VEHICLES, sum(row.principal_minor for row in options)),
        (Account.SETTLEMENT_INCOME, -charge),
        (Account.INCOME, given_up - unearned - asked),
    )


def _returned(replay: Replay) -> Iterator[Entry]:
    """Payments that bounced: both movements of the bank's account, and nothing on the rentals."""
    counted = counted_events(replay.events, as_of=replay.as_of, known_at=replay.known_at)
    payments = {e.reference: e for e in counted if e.kind is not EventKind.REVERSAL}
    done: set[str] = set()
    for event in counted:
        payment = payments.get(event.reverses)
        if event.kind is not EventKind.REVERSAL or payment is None or event.reverses in done:
            continue
        done.add(event.reverses)
        amount = payment.amount_minor * (-1 if payment.kind is EventKind.REFUND else 1)
        for one, sign in ((payment, 1), (event, -1)):
            yield Entry.of(
                one.effective_on,
                EntryKind.RETURNED,
                (Account.BANK, sign * amount),
                (Account.RETURNED, -sign * amount),
                reference=one.reference,
            )
