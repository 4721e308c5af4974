"""Marks of the collections desk on many leases, and who works on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from origination.bulk.actions import LEASES, Planned
from origination.models import BulkItem, CollectionCase, Lease
from origination.problems import MovedMeanwhile
from origination.selectors.collections.people import collectors
from origination.selectors.collections.queue import NOBODY
from origination.selectors.positions import NOTHING, positions_of
from origination.services.collections import Assignment, assign_in_one_entry, bar_calls
from origination.services.collections.cases import held_cases
from origination.services.desk import Actor
from tenants.permissions import Permission

YES, NO = "true", "false"


class BarForm(forms.Form):
    """The mark, and why."""

    barred = forms.ChoiceField(
        label=_("Mark"),
        choices=[(YES, _("Not to be called")), (NO, _("May be called again"))],
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)


class PersonForm(forms.Form):
    """Whose the leases become."""

    to = forms.ChoiceField(label=_("Assign to"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = [(str(pk), name) for pk, name in collectors().items()]
        self.fields["to"].choices = [*people, (NOBODY, _("Nobody"))]


class Barring:
    """`contact.barred`, one for each lease; `seen` is the mark that stood there."""

    code, of, is_whole = "bar", LEASES, False
    label = _("Mark: not to be called")
    means = _("Lessees are marked as not to be called or messaged, or the mark is taken away.")
    permission = Permission.COLLECT

    def form(self, data=None):
        return BarForm(data)

    def given(self, form) -> dict[str, str]:
        return dict(form.cleaned_data)

    def plan(
        self, subjects: Sequence[UUID], given: Mapping[str, str], at: datetime
    ) -> list[Planned]:
        leases = Lease.objects.defer("record").in_bulk(subjects)
        marks = dict(_cases(subjects).values_list("lease", "do_not_call"))
        wanted = given["barred"] == YES
        said = gettext("It is marked like this already.")
        return [
            Planned(
                rid,
                leases[rid].contract_number,
                str(marks.get(rid, False)),
                [said] if marks.get(rid, False) == wanted else [],
            )
            for rid in subjects
            if rid in leases
        ]

    def run(
        self, items: Sequence[BulkItem], given: Mapping[str, str], actor: Actor, at: datetime
    ) -> int | None:
        [item] = items
        if str(held_cases([item.subject])[item.subject].do_not_call) != item.seen:
            raise MovedMeanwhile
        return bar_calls(
            lease=Lease.objects.get(pk=item.subject), barred=given["barred"] == YES,
            reason=given["reason"], by=actor.by, at=at,
        )  # fmt: skip


class Assigning:
    """`collection.assigned`, one for all of them; `seen` is who had the lease."""

    code, of, is_whole = "assign", LEASES, True
    label = _("Assign to a collector")
    means = _("Overdue leases become somebody's, all by one entry.")
    permission = Permission.ASSIGN_COLLECTIONS

    def form(self, data=None):
        return PersonForm(data)

    def given(self, form) -> dict[str, str]:
        return dict(form.cleaned_data)

    def plan(
        self, subjects: Sequence[UUID], given: Mapping[str, str], at: datetime
    ) -> list[Planned]:
        leases = Lease.objects.defer("record").in_bulk(subjects)
        holders = dict(_cases(subjects).values_list("lease", "assigned_to"))
        positions = positions_of(subjects, as_of=at.date(), known_at=at)
        wanted = _person(given)
        found = []
        for rid in subjects:
            if rid not in leases:
                continue
            reasons = []
            if not positions.get(rid, NOTHING).days_past_due:
                reasons.append(gettext("Nothing is past due."))
            if holders.get(rid) == wanted:
                reasons.append(gettext("It is assigned like this already."))
            seen = str(holders.get(rid) or "")
            found.append(Planned(rid, leases[rid].contract_number, seen, reasons))
        return found

    def run(
        self, items: Sequence[BulkItem], given: Mapping[str, str], actor: Actor, at: datetime
    ) -> int | None:
        cases = held_cases(item.subject for item in items)
        if any(str(cases[item.subject].assigned_to or "") != item.seen for item in items):
            raise MovedMeanwhile
        plan = [Assignment(item.subject, _person(given)) for item in items]
        return assign_in_one_entry(assignments=plan, by=actor.by, at=at).entry_index


def _person(given: Mapping[str, str]) -> UUID | None:
    return None if given["to"] == NOBODY else UUID(given["to"])


def _cases(subjects: Sequence[UUID]):
    return CollectionCase.objects.filter(lease__in=subjects).order_by()
