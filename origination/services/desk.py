"""The approval desk: sent, asked about, approved by somebody else, signed, active.

Each move is one transaction with its entry: `application.recorded` for what was sent (signed by the
phone that sent it), `application.moved` for everything else; with activation also `lease.recorded`.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, ProgrammingError, transaction

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.domain import lease_fields
from origination.domain.life.guards import wrong_day
from origination.domain.life.machine import Move, State, next_state
from origination.domain.life.moves import MOST_WORDS, read_fields
from origination.models import Application, ApplicationVersion, Lease, LifeStep
from origination.problems import (
    FourEyes,
    MovedMeanwhile,
    MoveInvalid,
    NoSuchApplication,
    NoSuchMove,
)
from origination.selectors.life import newest_step
from origination.services.leases import record_lease, refuse_doubles
from origination.services.limits import permitted
from origination.services.quotes import refuse_costly_lease
from origination.services.steps import Chain, entry_fields, keep_step
from origination.wording_life import move_words, state_words
from tenants.permissions import Role
from tenants.problems import FieldError
from tenants.registry import retried

ANSWER = "answer"
#: Entries of the desk carry the application's id; the lease, and its record, another.
_LEASES = UUID("5b9d7c1e-3a0f-5c7e-9f53-2f9c3f6d1c11")


@dataclass(frozen=True)
class Actor:
    """Who acts, in which roles, with what their browser or programme says that it is."""

    by: UUID
    roles: Collection[Role] = ()
    client: str = ""


def lease_rid_of(application: UUID) -> UUID:
    """The id that the lease of an application will have."""
    return uuid.uuid5(_LEASES, str(application))


def draft_of(
    *, rid: UUID, record: Mapping[str, str], answer: str, actor: Actor, at: datetime
) -> Draft:
    """What a page sends, to be signed by the institution's key for the person who sent it."""
    fields = {name: text for name, text in record.items() if text}
    fields |= {ANSWER: answer} if answer else {}
    fields |= {"sent_by": str(actor.by)} | ({"client": actor.client} if actor.client else {})
    return Draft.service(kind="application.recorded", rid=rid, fields=fields, ts=at)


def send_application(
    *,
    draft: Draft,
    confirmed: Collection[str] = (),
    actor: Actor,
    at: datetime,
    seen: int | None = None,
) -> ApplicationVersion:
    """A first version, or the next one of an application that is not decided.

    `draft`: `application.recorded`, the fields of a lease and perhaps an `answer`. Raises `Invalid`
    naming every field, `CostAboveCap`, `NoSuchMove`, `MovedMeanwhile`, or what the ledger refuses.
    """
    fields = dict(draft.payload.fields)
    said = {name: fields.pop(name, "") for name in (ANSWER, "sent_by", "client")}
    lease_fields.check(fields, confirmed=confirmed)
    if len(said[ANSWER]) > MOST_WORDS:
        raise MoveInvalid(errors=[_too_long()])
    refuse_costly_lease(fields)
    refuse_doubles(fields)
    rid = UUID(draft.rid)
    return _guarded(lambda: _send(rid, draft, fields, said[ANSWER], confirmed, actor, at, seen))


def _send(
    rid: UUID,
    draft: Draft,
    record: dict[str, str],
    answer: str,
    confirmed: Collection[str],
    actor: Actor,
    at: datetime,
    seen: int | None,
) -> ApplicationVersion:
    application, _new = Application.objects.get_or_create(
        rid=rid,
        defaults={"lease_rid": lease_rid_of(rid), "opened_by": actor.by, "opened_at": at},
    )
    chain = _locked(application, seen)
    move = Move.REVISE if chain.last else Move.APPLY
    ends = _end(chain, move)
    number = application.versions.count() + 1
    index = append_entry(draft=draft).index
    version = ApplicationVersion.objects.create(
        application=application,
        number=number,
        contract_number=record["contract_number"],
        lessee_name=record["lessee_name"],
        currency=record["currency"],
        financed_amount_minor=int(record["financed_amount_minor"]),
        record=record,
        confirmed=sorted(confirmed),
        answer=answer,
        sent_by=actor.by,
        sent_at=at,
        entry_index=index,
    )
    facts = {"version": str(number)} | ({ANSWER: answer} if answer else {})
    keep_step(
        chain, move, ends, on=at.date(), facts=facts, by=actor.by, at=at, client=actor.client,
        entry_index=index,
    )  # fmt: skip
    return version


def move_application(
    *,
    rid: UUID,
    move: Move,
    given: Mapping[str, str],
    actor: Actor,
    at: datetime,
    on: date | None = None,
    seen: int | None = None,
) -> LifeStep:
    """Ask, approve, decline, withdraw, sign or activate; `on` (today) is the day of a signature.

    Raises `NoSuchMove`, `MovedMeanwhile`, `MoveInvalid`; of an approval `FourEyes`, `NoLimits` or
    `AboveLimit`; of an activation whatever `record_lease` refuses.
    """
    fields, errors = read_fields(move, given)
    day = on or at.date()
    return _guarded(lambda: _move(rid, move, fields, errors, day, actor, at, seen))


def _move(
    rid: UUID,
    move: Move,
    fields: dict[str, str],
    errors: list[FieldError],
    on: date,
    actor: Actor,
    at: datetime,
    seen: int | None,
) -> LifeStep:
    application = Application.objects.filter(rid=rid).first()
    if application is None:
        raise NoSuchApplication
    chain = _locked(application, seen)
    ends = _end(chain, move)
    begins = chain.last.on if chain.last else on
    errors = errors + wrong_day(on, not_before=begins, today=at.date())
    if errors:
        raise MoveInvalid(errors=errors)
    version = application.versions.order_by("-number")[0]
    facts = {"version": str(version.number), **fields}
    if move is Move.APPROVE:
        facts |= _approved(application, version, actor, on)
    if move is Move.ACTIVATE:
        chain = _recorded(application, version, chain, actor, at)
    entry = entry_fields(chain, move, ends, on=on, facts=facts, by=actor.by, client=actor.client)
    entry["lease_rid"] = str(application.lease_rid)
    draft = Draft.service(kind="application.moved", rid=rid, fields=entry, ts=at)
    return keep_step(
        chain, move, ends, on=on, facts=facts, by=actor.by, at=at, client=actor.client,
        entry_index=append_entry(draft=draft).index,
    )  # fmt: skip


def _approved(
    application: Application, version: ApplicationVersion, actor: Actor, on: date
) -> dict[str, str]:
    """What an approval's entry says of the right to it."""
    if application.versions.filter(sent_by=actor.by).exists():
        raise FourEyes
    limit, limits = permitted(
        amount_minor=version.financed_amount_minor,
        currency=version.currency,
        roles=actor.roles,
        on=on,
    )
    return {
        "amount_minor": str(version.financed_amount_minor),
        "limit_minor": str(limit),
        "currency": version.currency,
        "limits_entry": str(limits.entry_index),
    }


def _recorded(
    application: Application, version: ApplicationVersion, chain: Chain, actor: Actor, at: datetime
) -> Chain:
    """The lease of the version that was approved and signed."""
    draft = Draft.service(
        kind="lease.recorded", rid=application.lease_rid, fields=version.record, ts=at
    )
    record_lease(draft=draft, confirmed=version.confirmed, by=actor.by, at=at)
    return Chain(chain.rid, chain.last, chain.begins, Lease.objects.get(rid=application.lease_rid))


def _locked(application: Application, seen: int | None) -> Chain:
    Application.objects.select_for_update().get(pk=application.pk)
    last = newest_step(application.lease_rid)
    if seen is not None and seen != (last.number if last else 0):
        raise MovedMeanwhile
    return Chain(application.lease_rid, last, State.NONE)


def _end(chain: Chain, move: Move) -> State:
    ends = next_state(chain.state, move)
    if ends is None:
        raise NoSuchMove(params={"move": move_words(move), "state": state_words(chain.state)})
    return ends


def _too_long() -> FieldError:
    said = ("This is longer than %(most)s characters.", "Say it shorter.")
    return FieldError(ANSWER, "too_long", *said, {"most": MOST_WORDS})


def _guarded(write):
    """Run in a transaction; what the database refuses of a history is said as what it is."""
    try:
        return retried(MovedMeanwhile)(transaction.atomic(write))()
    except IntegrityError as error:
        if "life_step_" not in str(error) and "application_version_" not in str(error):
            raise
        raise MovedMeanwhile from error
    except ProgrammingError as error:  # the trigger of four eyes
        if "four eyes" not in str(error):
            raise
        raise FourEyes from error
