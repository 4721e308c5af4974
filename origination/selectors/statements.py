"""Lines of bank statements in suspense, and what each of them may pay."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from origination.domain.statements import lines as statement
from origination.domain.statements.matching import (
    Booked,
    Candidate,
    Suggestion,
    plain,
    suggest,
    words,
)
from origination.models import Lease, LinePart, LineState, PaymentEvent, StatementLine
from origination.selectors.book import owed_by_lease

#: A payment may come back this long after it came.
_COMES_BACK = timedelta(days=120)
_ALIKE = 20  # leases looked at for an amount alone


@dataclass(frozen=True)
class OpenLine:
    """A line in suspense and what it may pay, the best first."""

    line: StatementLine
    suggestions: Sequence[Suggestion]

    @property
    def best(self) -> Suggestion | None:
        return self.suggestions[0] if self.suggestions else None

    @property
    def is_safe(self) -> bool:
        """Whether its best suggestion may be confirmed with all others."""
        return bool(self.suggestions) and self.suggestions[0].is_safe


@dataclass(frozen=True)
class Suspense:
    """What waits in one currency, in minor units."""

    currency: str
    lines: int
    minor: int


def find_lines(state: str = LineState.OPEN) -> QuerySet[StatementLine]:
    """Lines in a state, the newest first."""
    return StatementLine.objects.filter(state=state).select_related("statement")


def suspense() -> list[Suspense]:
    """The balance of lines in suspense, one for each currency."""
    rows = (
        find_lines()
        .order_by("currency")
        .values("currency")
        .annotate(minor=Sum("amount_minor"))
        .values_list("currency", "minor")
    )
    counts = dict.fromkeys((currency for currency, _ in rows), 0)
    for currency in find_lines().order_by().values_list("currency", flat=True):
        counts[currency] += 1
    return [Suspense(currency, counts[currency], minor) for currency, minor in rows]


def with_suggestions(
    lines: Iterable[StatementLine], *, as_of: date, known_at: datetime
) -> list[OpenLine]:
    """These lines with their suggestions: a handful of queries, however many lines."""
    lines = list(lines)
    read = {line.pk: _read(line) for line in lines}
    accounts = _known_accounts({line.payer_account for line in lines if line.payer_account})
    leases = _candidates(read.values(), accounts)
    owed = owed_by_lease(as_of=as_of, known_at=known_at) if leases else {}
    booked = _booked(leases, read.values())
    by_lease: dict[UUID, list[Booked]] = defaultdict(list)
    for one in booked:
        by_lease[UUID(one.rid)].append(one)
    payers: dict[UUID, set[str]] = defaultdict(set)
    for account, rids in accounts.items():
        for rid in rids:
            payers[rid].add(account)
    made = [
        _candidate(lease, owed.get(lease.rid, (0, 0)), payers[lease.rid], by_lease[lease.rid])
        for lease in leases
    ]
    index = _Index(made)
    return [
        OpenLine(line, suggest(read[line.pk], index.near(read[line.pk]), booked)) for line in lines
    ]


class _Index:
    """Candidates by what a line may name of them, so that not each is compared with each."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._by: dict[str, list[Candidate]] = defaultdict(list)
        for one in candidates:
            keys = {plain(one.contract_number), f"n:{plain(one.lessee_name)}"}
            keys |= {f"a:{account}" for account in one.accounts}
            keys |= {f"r:{plain(reference)}" for reference in one.references}
            keys |= {f"m:{one.currency}{amount}" for amount in (one.rent_minor, one.owed_minor)}
            for key in keys:
                self._by[key].append(one)

    def near(self, line: statement.StatementLine) -> list[Candidate]:
        """Candidates that the line names, or whose amount it has."""
        named = words(f"{line.remittance} {line.returns}")
        keys = {f"n:{plain(line.payer_name)}", f"a:{line.payer_account}", *named}
        keys |= {f"r:{word}" for word in named} | {f"r:{plain(line.returns)}"}
        keys.add(f"m:{line.currency}{line.amount_minor}")
        found = {one.rid: one for key in keys for one in self._by.get(key, [])}
        return list(found.values())


def _read(line: StatementLine) -> statement.StatementLine:
    return statement.StatementLine(
        place=line.place,
        account=line.account,
        booked_on=line.booked_on,
        amount_minor=line.amount_minor,
        currency=line.currency,
        reference=line.reference,
        payer_name=line.payer_name,
        payer_account=line.payer_account,
        remittance=line.remittance,
        returns=line.returns,
        is_return=line.is_return,
    )


def _known_accounts(accounts: set[str]) -> dict[str, set[UUID]]:
    """Accounts → leases that they paid before."""
    rows = (
        LinePart.objects.filter(line__payer_account__in=accounts, line__amount_minor__gt=0)
        .values_list("line__payer_account", "lease_id")
        .distinct()
    )
    found: dict[str, set[UUID]] = defaultdict(set)
    for account, rid in rows:
        found[account].add(rid)
    return found


def _candidates(
    lines: Iterable[statement.StatementLine], accounts: dict[str, set[UUID]]
) -> list[Lease]:
    """Leases that the lines name, by number, name, account or reference, or whose rent they are."""
    lines = list(lines)
    texts = {text for line in lines for text in words(f"{line.remittance} {line.returns}")}
    raw = {text for line in lines for text in _spelt(f"{line.remittance} {line.returns}")}
    names = {line.payer_name.strip() for line in lines if line.payer_name}
    rids = {rid for found in accounts.values() for rid in found}
    back = [line for line in lines if line.is_return]
    if back:
        wanted = raw | {line.returns for line in back}
        rids |= set(
            PaymentEvent.objects.filter(bank_reference__in=wanted).values_list(
                "lease_id", flat=True
            )
        )
    known = Lease.objects.defer("record")
    found = {
        lease.rid: lease
        for lease in known.filter(
            Q(contract_number__in=raw | texts) | Q(lessee_name__in=names) | Q(rid__in=rids)
        )
    }
    amounts = {line.amount_minor for line in lines if line.amount_minor > 0}
    for lease in known.filter(rent_minor__in=amounts, ended_on=None)[: _ALIKE * len(lines)]:
        found.setdefault(lease.rid, lease)
    return list(found.values())


def _spelt(text: str) -> set[str]:
    """The pieces of a text as they stand, and cut at marks that follow a number."""
    pieces = text.replace("，", " ").replace(",", " ").replace("；", " ").replace(";", " ").split()
    more = {piece.strip("()（）[]【】.:：#号") for piece in pieces}
    more |= {part for piece in pieces for part in piece.replace("：", ":").split(":")}
    return {piece for piece in more if len(piece) >= 6}


def _booked(leases: Sequence[Lease], lines: Iterable[statement.StatementLine]) -> list[Booked]:
    """Payments of these leases that may come back, and references that a line may repeat."""
    lines = list(lines)
    if not lines or not leases:
        return []
    since = min(line.booked_on for line in lines) - _COMES_BACK
    back = any(line.is_return for line in lines)
    references = {line.reference for line in lines if line.reference}
    events = PaymentEvent.objects.filter(lease__in=[lease.rid for lease in leases])
    wanted = Q(bank_reference__in=references)
    if back:
        wanted |= Q(effective_at__date__gte=since)
    taken_back = set(events.filter(kind="reversal").values_list("lease_id", "reverses"))
    payers = dict(
        StatementLine.objects.filter(
            parts__lease__in=[lease.rid for lease in leases], state=LineState.BOOKED
        ).values_list("reference", "payer_account")
    )
    return [
        Booked(str(rid), reference, amount, payers.get(reference, ""))
        for rid, reference, amount in events.filter(wanted)
        .exclude(kind="reversal")
        .values_list("lease_id", "bank_reference", "amount_minor")
        if (rid, reference) not in taken_back
    ]


def _candidate(
    lease: Lease, owed: tuple[int, int], accounts: set[str], booked: Sequence[Booked]
) -> Candidate:
    return Candidate(
        rid=str(lease.rid),
        contract_number=lease.contract_number,
        lessee_name=lease.lessee_name,
        currency=lease.currency,
        rent_minor=lease.rent_minor,
        owed_minor=owed[0],
        credit_minor=owed[1],
        accounts=frozenset(accounts),
        references=frozenset(one.reference for one in booked),
    )
