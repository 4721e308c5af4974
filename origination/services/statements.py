"""Bank statements: taken once, confirmed line by line or all that is safe, split, set aside."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from hashlib import sha256
from uuid import UUID

import polars as pl
from django.db import transaction

from ledger.drafts import Draft
from ledger.services import Appended, append_entry
from origination.domain.servicing.events import EventKind
from origination.domain.statements.camt import is_xml, read_camt
from origination.domain.statements.csv_files import read_csv
from origination.domain.statements.lines import (
    FAULTS,
    FILES,
    BadStatement,
    LineFault,
    with_keys,
)
from origination.models import Lease, LinePart, LineState, Statement, StatementLine
from origination.problems import LineDecided, NotAStatement, PartsInvalid
from origination.services.payments import record_payments
from tenants.problems import FieldError

_SHOWN = 50
_COPIED = (
    "place", "account", "booked_on", "amount_minor", "currency", "reference", "payer_name",
    "payer_account", "remittance", "returns", "is_return", "key",
)  # fmt: skip
_LIMIT_MIB = 64


@dataclass
class StatementReport:
    """What was taken of a statement; `statement` is None where nothing was new."""

    lines: int
    taken: int = 0
    known: int = 0
    statement: Statement | None = None


@dataclass(frozen=True)
class Part:
    """What of a line goes to a lease: `reverses` names the payment that came back."""

    lease: Lease
    amount_minor: int
    kind: str = EventKind.RENT.value
    reverses: str = ""


@dataclass
class Decision:
    """A line and where its money goes."""

    line: StatementLine
    parts: Sequence[Part] = field(default_factory=list)


def import_statement(
    *, content: bytes, file_name: str, by: UUID, at: datetime, account: str = ""
) -> StatementReport:
    """Keep the lines of a statement (CSV of a bank, or CAMT.053) that are not kept yet.

    Raises `NotAStatement`, with the place, column, value and mend of everything that is wrong;
    then nothing is kept.
    """
    if len(content) > _LIMIT_MIB << 20:
        raise NotAStatement(detail=FILES["large"], params={"limit": _LIMIT_MIB})
    try:
        lines, faults = (
            read_camt(content) if is_xml(content) else read_csv(content, account=account)
        )
    except BadStatement as error:
        raise NotAStatement(detail=FILES[error.code], params=error.params) from error
    faults += [
        LineFault(line.place, "", line.booked_on.isoformat(), "in_the_future")
        for line in lines
        if line.booked_on > at.date()
    ]
    if faults:
        raise NotAStatement(
            detail="%(count)s places are wrong; nothing was kept.",
            params={"count": len(faults)},
            errors=[_error(fault) for fault in faults[:_SHOWN]],
        )
    keyed = with_keys(lines)
    with transaction.atomic():
        known = set(
            StatementLine.objects.filter(key__in=[line.key for line in keyed]).values_list(
                "key", flat=True
            )
        )
        new = [line for line in keyed if line.key not in known]
        report = StatementReport(len(keyed), len(new), len(keyed) - len(new))
        if new:
            digest = sha256(content).hexdigest()
            report.statement = _keep(new, len(keyed), digest, file_name, by, at)
    return report


def _keep(new, read: int, digest: str, file_name: str, by: UUID, at: datetime) -> Statement:
    rid, days = uuid.uuid4(), [line.booked_on for line in new]
    fields = {
        "file_sha256": digest,
        "lines": str(read),
        "taken": str(len(new)),
        "from_day": min(days).isoformat(),
        "to_day": max(days).isoformat(),
        "imported_by": str(by),
    }
    index = append_entry(
        draft=Draft.service(kind="statement.imported", rid=rid, fields=fields, ts=at)
    ).index
    statement = Statement.objects.create(
        rid=rid,
        file_name=file_name[:200],
        sha256=digest,
        lines_read=read,
        taken=len(new),
        from_day=min(days),
        to_day=max(days),
        entry_index=index,
        imported_by=by,
        imported_at=at,
    )
    rows = [
        StatementLine(statement=statement, **{name: getattr(line, name) for name in _COPIED})
        for line in new
    ]
    StatementLine.objects.bulk_create(rows, batch_size=2000)
    return statement


def _error(fault: LineFault) -> FieldError:
    detail, mend = FAULTS[fault.code]
    place = f"[{fault.place}].{fault.column}" if fault.column else f"[{fault.place}]"
    value = f" «{fault.value}»" if fault.value else ""
    return FieldError(f"{place}{value}", fault.code, detail, mend)


@transaction.atomic
def book_lines(*, decisions: Sequence[Decision], by: UUID, at: datetime) -> Appended:
    """Book these lines as one `payments.batch`; all of them or none.

    Raises `LineDecided` where one is no longer in suspense, `PartsInvalid` where parts do not add
    up to their line, and what `record_payments` refuses.
    """
    ids = [decision.line.pk for decision in decisions]
    held = {
        line.pk: line
        for line in StatementLine.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    }
    rows = []
    for decision in decisions:
        line = held[decision.line.pk]
        if line.state != LineState.OPEN:
            raise LineDecided
        _check_parts(line, decision.parts)
        rows += [_row(line, part, at) for part in decision.parts]
    appended = record_payments(events=pl.DataFrame(rows), at=at)
    LinePart.objects.bulk_create(
        LinePart(
            line=decision.line, lease=part.lease, kind=part.kind, amount_minor=part.amount_minor
        )
        for decision in decisions
        for part in decision.parts
    )
    StatementLine.objects.filter(pk__in=ids).update(
        state=LineState.BOOKED, decided_by=by, decided_at=at, entry_index=appended.index
    )
    return appended


_IN = {EventKind.RENT.value, EventKind.SETTLEMENT.value, EventKind.RECOVERY.value}


def _check_parts(line: StatementLine, parts: Sequence[Part]) -> None:
    incoming = line.amount_minor > 0
    if sum(part.amount_minor for part in parts) != abs(line.amount_minor):
        raise PartsInvalid(detail="The parts do not add up to the line.")
    if len({part.lease.pk for part in parts}) != len(parts):
        raise PartsInvalid(detail="A lease stands there twice.")
    if any(part.amount_minor <= 0 for part in parts):
        raise PartsInvalid(detail="A part is above zero.")
    if any((part.kind in _IN) != incoming for part in parts):
        raise PartsInvalid(
            detail="Money that came in is rent, settlement or recovery; money that went out is a "
            "refund or a reversal."
        )


def _row(line: StatementLine, part: Part, at: datetime) -> dict[str, object]:
    return {
        "lease_rid": str(part.lease.pk),
        "kind": part.kind,
        "amount_minor": part.amount_minor,
        "currency": line.currency,
        "bank_reference": line.bank_reference,
        "reverses": part.reverses,
        "effective_at": datetime.combine(line.booked_on, time(), UTC),
        "known_at": at,
    }


@transaction.atomic
def set_aside(*, line: StatementLine, reason: str, by: UUID, at: datetime) -> None:
    """A line that is of no lease: the bank's fees, the lessor's own transfers."""
    held = StatementLine.objects.select_for_update().get(pk=line.pk)
    if held.state != LineState.OPEN:
        raise LineDecided
    held.state, held.reason, held.decided_by, held.decided_at = (
        LineState.SET_ASIDE, reason[:200], by, at
    )  # fmt: skip
    held.save(update_fields=["state", "reason", "decided_by", "decided_at"])


@transaction.atomic
def take_up_again(*, line: StatementLine) -> None:
    """A line that was set aside goes back into suspense."""
    held = StatementLine.objects.select_for_update().get(pk=line.pk)
    if held.state != LineState.SET_ASIDE:
        raise LineDecided
    held.state, held.reason, held.decided_by, held.decided_at = LineState.OPEN, "", None, None
    held.save(update_fields=["state", "reason", "decided_by", "decided_at"])


__all__ = [
    "Decision",
    "Part",
    "StatementReport",
    "book_lines",
    "import_statement",
    "set_aside",
    "take_up_again",
]
