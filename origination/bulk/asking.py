"""Asking the officers of many applications for documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from origination.bulk.actions import APPLICATIONS, Planned, words_of
from origination.domain.life.machine import Move, State, next_state
from origination.forms_desk import DeskMoveForm
from origination.models import BulkItem, LifeStep
from origination.problems import NoSuchMove
from origination.selectors.desk import applications
from origination.services.desk import Actor, move_application
from origination.wording_life import move_words, state_words
from tenants.permissions import Permission
from tenants.problems import FieldError


class Asking:
    """`application.moved`, one for each; `seen` is the number of its last step."""

    code, of, is_whole = "ask", APPLICATIONS, False
    label = _("Ask for documents")
    means = _("Applications go back to their officers with the same question.")
    permission = Permission.DECIDE_APPLICATION

    def form(self, data=None):
        form = DeskMoveForm(data, move=Move.ASK)
        del form.fields["seen"]
        return form

    def given(self, form) -> dict[str, str]:
        return form.given()

    def plan(
        self, subjects: Sequence[UUID], given: Mapping[str, str], at: datetime
    ) -> list[Planned]:
        found = {row.rid: row for row in applications().filter(rid__in=subjects)}
        steps = LifeStep.objects.filter(rid__in=[row.lease_rid for row in found.values()])
        numbers = dict(steps.order_by("rid", "number").values_list("rid", "number"))
        planned = []
        for rid in subjects:
            row = found.get(rid)
            if row is None:
                continue
            state, wrong = State(row.life), []
            if next_state(state, Move.ASK) is None:
                params = {"state": state_words(state), "move": move_words(Move.ASK)}
                wrong = [FieldError("move", NoSuchMove.code, NoSuchMove.detail, "", params)]
            seen = str(numbers.get(row.lease_rid, 0))
            planned.append(Planned(rid, row.last_contract_number, seen, words_of(wrong)))
        return planned

    def run(
        self, items: Sequence[BulkItem], given: Mapping[str, str], actor: Actor, at: datetime
    ) -> int:
        [item] = items
        step = move_application(
            rid=item.subject, move=Move.ASK, given=given, actor=actor, at=at, seen=int(item.seen)
        )
        return step.entry_index
