"""Moves of a lease's life: one transaction with the entry that says so, `lease.moved`."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.domain.life.guards import unasked, unmet, wrong_day
from origination.domain.life.machine import AMENDING, Move, State, next_state
from origination.domain.life.moves import read_fields
from origination.models import Lease, LifeStep
from origination.problems import MovedMeanwhile, MoveInvalid, NoSuchLease, NoSuchMove
from origination.selectors.life import last_reading, newest_step, standing_of
from origination.services.amendments import amend
from origination.services.endings import end_leases
from origination.services.steps import Chain, entry_fields, keep_step
from origination.services.transfers import take_over, wrong_lessee
from origination.wording_life import move_words, state_words
from tenants.problems import FieldError
from tenants.registry import retried


def move_lease(
    *,
    rid: UUID,
    move: Move,
    on: date,
    given: Mapping[str, str],
    by: UUID,
    at: datetime,
    client: str = "",
    seen: int | None = None,
) -> LifeStep:
    """Make a move of a recorded lease, from a day on; `given` are the fields that the move asks for
    (`domain.life.moves`), `seen` the number of the last step that the person saw.

    Raises `NoSuchMove` where the machine has no such way from the lease's state, `MovedMeanwhile`
    where another move came first, `MoveInvalid` naming every field and guard that is in the way.
    """
    try:
        return _move(rid=rid, move=move, on=on, given=given, by=by, at=at, client=client, seen=seen)
    except IntegrityError as error:
        if "life_step_" not in str(error):
            raise
        raise MovedMeanwhile from error


@retried(MovedMeanwhile)
@transaction.atomic
def _move(
    *,
    rid: UUID,
    move: Move,
    on: date,
    given: Mapping[str, str],
    by: UUID,
    at: datetime,
    client: str,
    seen: int | None,
) -> LifeStep:
    lease = Lease.objects.select_for_update().filter(rid=rid).first()
    if lease is None:
        raise NoSuchLease
    last = newest_step(rid)
    if seen is not None and seen != (last.number if last else 0):
        raise MovedMeanwhile
    state = State(last.state) if last else State.ACTIVE
    ends = next_state(state, move)
    if ends is None:
        raise NoSuchMove(params={"move": move_words(move), "state": state_words(state)})
    fields = _checked(lease, last, state, move, on, given, by, at)
    if move is Move.CLOSE:
        end_leases({rid: _why_over(state, fields)}, at=at)
    chain = Chain(rid, last, State.ACTIVE, lease)
    entry = entry_fields(chain, move, ends, on=on, facts=fields, by=by, client=client)
    if move is Move.WRITE_OFF and last is not None:
        entry["asked_by"] = str(last.by)
    if move is Move.TRANSFER:
        draft = Draft.service(kind="lease.transferred", rid=rid, fields=entry, ts=at)
        take_over(lease, fields)
    elif move in AMENDING:
        draft = Draft.service(kind="lease.amended", rid=rid, fields=entry, ts=at)
    else:
        draft = Draft.service(kind="lease.moved", rid=rid, fields=entry, ts=at)
    index = append_entry(draft=draft).index
    return keep_step(
        chain, move, ends, on=on, facts=fields, by=by, at=at, client=client, entry_index=index
    )


def _checked(
    lease: Lease,
    last: LifeStep | None,
    state: State,
    move: Move,
    on: date,
    given: Mapping[str, str],
    by: UUID,
    at: datetime,
) -> dict[str, str]:
    """The fields of the entry, the figures of the day among them; else `MoveInvalid`."""
    fields, errors = read_fields(move, given)
    begins = max(lease.originated_on, last.on) if last else lease.originated_on
    errors += wrong_day(on, not_before=begins, today=at.date())
    if any(error.field == "on" for error in errors):
        raise MoveInvalid(errors=errors)
    if move is Move.TRANSFER and not errors:
        errors += wrong_lessee(lease, fields)
    errors += unasked(move, Move(last.move) if last else None, is_own=bool(last) and last.by == by)
    standing = standing_of(lease, on=on, known_at=at)
    errors += unmet(move, state, fields, standing, last_reading(lease))
    if errors:
        raise MoveInvalid(errors=_once(errors))
    if move in AMENDING:
        fields |= amend(lease, on=on, facts=fields, known_at=at).facts(lease.currency)
    if move in (Move.REPOSSESS, Move.ASK_WRITE_OFF, Move.WRITE_OFF):
        fields["claim_minor"] = str(standing.claim_minor)
        fields["days_past_due"] = str(standing.days_past_due)
        fields["currency"] = standing.currency
    return fields


def _once(errors: list[FieldError]) -> list[FieldError]:
    """One error a field: the first says what to mend first."""
    return list({error.field: error for error in reversed(errors)}.values())[::-1]


def _why_over(state: State, fields: Mapping[str, str]) -> str:
    if fields["vehicle"] == "sold":
        return "disposed"
    return "settled" if state in (State.ACTIVE, State.EARLY_SETTLED) else "closed"
