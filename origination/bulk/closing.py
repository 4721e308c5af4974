"""Closing leases that owe nothing any more."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from origination.bulk.actions import LEASES, Planned, words_of
from origination.domain.life.guards import unmet, wrong_day
from origination.domain.life.machine import Move, State, next_state
from origination.domain.life.moves import read_fields
from origination.forms_life import MoveForm
from origination.models import BulkItem, Lease, LifeStep
from origination.problems import NoSuchMove
from origination.selectors.life import standings_of
from origination.services import move_lease
from origination.services.desk import Actor
from origination.wording_life import move_words, state_words
from tenants import clock
from tenants.permissions import Permission
from tenants.problems import FieldError


class Closing:
    """`lease.moved`, one for each lease; `seen` is the number of the last step of its life."""

    code, of, is_whole = "close", LEASES, False
    label = _("Close leases")
    means = _("Leases that owe nothing are closed, each by an entry; their claims are given up.")
    permission = Permission.MOVE_LEASE

    def form(self, data=None):
        form = MoveForm(data, move=Move.CLOSE, initial={"on": clock.today()})
        del form.fields["seen"]
        return form

    def given(self, form) -> dict[str, str]:
        return form.given() | {"on": form.cleaned_data["on"].isoformat()}

    def plan(
        self, subjects: Sequence[UUID], given: Mapping[str, str], at: datetime
    ) -> list[Planned]:
        on, asked = _read(given)
        fields, errors = read_fields(Move.CLOSE, asked)
        leases = Lease.objects.in_bulk(subjects)
        last = {step.rid: step for step in _newest(subjects)}
        standings = standings_of(list(leases.values()), on=on, known_at=at)
        found = []
        for rid in subjects:
            lease, step = leases.get(rid), last.get(rid)
            if lease is None:
                continue
            state = State(step.state) if step else State.ACTIVE
            begins = max(lease.originated_on, step.on) if step else lease.originated_on
            wrong = errors + wrong_day(on, not_before=begins, today=at.date())
            if next_state(state, Move.CLOSE) is None:
                wrong = [_no_way(state)]
            elif not wrong:
                wrong = unmet(Move.CLOSE, state, fields, standings[rid], 0)
            seen = str(step.number if step else 0)
            found.append(Planned(rid, lease.contract_number, seen, words_of(wrong)))
        return found

    def run(
        self, items: Sequence[BulkItem], given: Mapping[str, str], actor: Actor, at: datetime
    ) -> int:
        [item], (on, asked) = items, _read(given)
        step = move_lease(
            rid=item.subject, move=Move.CLOSE, on=on, given=asked, by=actor.by, at=at,
            client=actor.client, seen=int(item.seen),
        )  # fmt: skip
        return step.entry_index


def _read(given: Mapping[str, str]) -> tuple[date, dict[str, str]]:
    fields = dict(given)
    return date.fromisoformat(fields.pop("on")), fields


def _newest(subjects: Sequence[UUID]):
    steps = LifeStep.objects.filter(lease__in=subjects)
    return steps.order_by("rid", "-number").distinct("rid")


def _no_way(state: State) -> FieldError:
    params = {"state": state_words(state), "move": move_words(Move.CLOSE)}
    return FieldError("move", NoSuchMove.code, NoSuchMove.detail, "", params)
