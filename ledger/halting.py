"""A log that stands still: its checkpoints are refused, so that it takes no entries either.

What is written to a restored or forked database is never signed, and is lost when the missing
entries come back. The head says that nothing is taken, to every writer and under its lock
(`ledger/sql/halt.sql`); it is lifted when the log's checkpoints are no longer refused, for each of
the reasons that arose meanwhile.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from ledger.drafts import instant
from ledger.models import Halt, Head
from ledger.problems import LogFrozen, LogHalted, NoSuchEntry, RollbackRefused
from ledger.selectors import root_at
from ledger.signing import signer_of
from tenants.problems import Problem, Translate, fill

#: Refusals to sign that no waiting mends: the database is not the one that was signed.
FATAL = (RollbackRefused, LogFrozen)
Reason = tuple[int, str, int]
"""The row of one reason of a standstill, its code, and how often it was found so far."""
_UNKNOWN = "The ledger stands still: what is written now could never be signed, and would be lost."
_looked: set[str] = set()  # logs that this process has compared with what was signed


@dataclass(frozen=True)
class Why:
    """The refusal that a standstill began with, for `LogHalted`."""

    detail: str
    params: Mapping[str, object]

    def worded(self, translate: Translate) -> str:
        """In the language of `translate`."""
        return fill(self.detail, self.params, translate)

    def __str__(self) -> str:
        return fill(self.detail, self.params)


def halt(problem: Problem, *, at: datetime | str) -> bool:
    """Let the log take nothing more; False where it stands still for that already.

    In a commit of its own. Another reason than those that stand is recorded beside them.

    `problem`: one of `FATAL`. A witness's mere word stops what is signed, not what is written: a
    counterparty could keep a lessor from working, and an honest one shows what it holds.
    """
    if isinstance(problem, LogFrozen) and not problem.proven:
        return False
    params = json.dumps({name: _plain(value) for name, value in problem.params.items()})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_begin_halt(%s, %s, %s::jsonb, %s)",
            [problem.code, problem.detail, params, instant(at)],
        )
        return bool(cursor.fetchone()[0])


def seen() -> list[Reason]:
    """Why the log stands still, to be told to `lift` by who looks then whether it may end."""
    stands = Halt.objects.filter(lifted_at=None).order_by("pk")
    return list(stands.values_list("pk", "code", "findings"))


def lift(stands: list[Reason], why: str, *, at: datetime | str) -> bool:
    """Lift these reasons, for who saw that the log may be signed; whether any of them stood.

    `stands`: what `seen` answered before. One that arose since is another's finding, and so is the
    same reason where it was found once more since: it stays, and the log stands still for it.
    """
    if not stands:
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        lifted = False
        for pk, code, findings in stands:
            cursor.execute(
                "SELECT ledger_lift_halt(%s, %s, %s, %s, %s)",
                [pk, code, findings, why[:400], instant(at)],
            )
            lifted |= bool(cursor.fetchone()[0])
        return lifted


def standing() -> LogHalted:
    """What a writer is told while the log stands still."""
    row = Halt.objects.filter(lifted_at=None).order_by("-pk").first()
    return _told(row.detail, row.params) if row else LogHalted(detail=_UNKNOWN)


def is_halted() -> bool:
    """Whether the log stands still, as the head says it to every writer."""
    return Head.objects.filter(halted_at__isnull=False).exists()


def halted() -> LogHalted | None:
    """Why the log stands still; None while it takes entries."""
    return standing() if is_halted() else None


def check_goes_on(head: Head) -> None:
    """Raise `LogHalted` where the log stands still, or is not the one that was signed.

    The latter is asked once by each process: a database is restored while none runs. Every quarter
    of a minute the worker asks anew. A signer that is away holds up no entry.
    """
    if head.halted_at is not None:
        raise standing()
    if head.log_id in _looked:
        return
    _looked.add(head.log_id)
    found = rolled_back(head)
    if found is not None:
        _looked.discard(head.log_id)
        raise _told(found.detail, found.params)


def rolled_back(head: Head) -> Problem | None:
    """What shows at a glance that the log cannot be signed: frozen, or behind or beside its signer.

    Cheap, and no more than a glance: `sealing_refused` looks at everything.
    """
    signer = signer_of(head.log_id)
    try:
        found = signer.freeze.read()
        if found is not None and found.proven:
            signer.freeze.check()
        last = signer.last()  # before the tree is read: one read later is never behind it
    except LogFrozen as problem:
        return problem
    except Problem:  # it is away, or its files are damaged: said where the log is sealed
        return None
    try:
        if last is None or root_at(last[0]) == last[1]:
            return None
    except NoSuchEntry:
        pass
    return RollbackRefused(
        detail="The log has no tree of the %(signed)s entries that were signed before.",
        params={"signed": last[0]},
    )


def halted_between(start: datetime, end: datetime) -> timedelta:
    """How long of this time the log stood still, for one reason or several."""
    rows = Halt.objects.filter(Q(lifted_at=None) | Q(lifted_at__gt=start), halted_at__lt=end)
    found, upto = timedelta(), start
    for halted, lifted in rows.order_by("halted_at").values_list("halted_at", "lifted_at"):
        last = min(lifted or end, end)
        found += max(last - max(halted, upto), timedelta())
        upto = max(upto, last)
    return found


@contextmanager
def compared(log_id: str) -> Iterator[None]:
    """What is written within is not held up by a freeze: who restores compared the log himself."""
    _looked.add(log_id)
    try:
        yield
    finally:
        _looked.discard(log_id)


def forget() -> None:
    """Compare every log again, as a new process does."""
    _looked.clear()


def _told(detail: str, params: Mapping[str, object]) -> LogHalted:
    return LogHalted(params={"why": Why(detail, params)})


def _plain(value: object) -> object:
    return value if isinstance(value, int) else str(value).replace("\0", "")[:400]
