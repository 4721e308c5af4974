"""Forms of the collections desk."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from origination.domain.collections.contacts import (
    NOTE_LENGTH,
    OUTCOMES,
    PLACE_LENGTH,
    Channel,
    Outcome,
    instant_text,
)
from origination.domain.collections.ladder import Bucket
from origination.domain.collections.rules import BEIJING, CollectionRules
from origination.domain.lease_fields import BY_NAME
from origination.selectors.collections.queue import NOBODY, PROMISES, Wanted
from origination.wording_collections import BUCKETS, CHANNELS
from origination.wording_collections import OUTCOMES as OUTCOME_WORDS
from origination.wording_collections import PROMISES as PROMISE_WORDS
from tenants.forms import DayField
from tenants.money import Money

_MOMENT = "%Y-%m-%dT%H:%M"
_TALKS = (Channel.CALL, Channel.VISIT)
_ALL = ("", _("All"))


class QueueFilter(forms.Form):
    """Filters and order of the queue, kept in its address."""

    q = forms.CharField(label=_("Contract, lessee or VIN"), required=False, max_length=80)
    bucket = forms.ChoiceField(label=_("Days past due"), required=False)
    assigned = forms.ChoiceField(label=_("Assigned to"), required=False)
    step = forms.ChoiceField(label=_("Step that waits"), required=False)
    promise = forms.ChoiceField(label=_("Last promise"), required=False)
    province = forms.ChoiceField(label=_("Province"), required=False)
    due = forms.ChoiceField(label=_("Next action"), required=False)
    sort = forms.ChoiceField(label=_("Order"), required=False)

    def __init__(self, data, *, people: Mapping[UUID, str], me: UUID):
        super().__init__(data)
        others = [(str(pk), name) for pk, name in people.items() if pk != me]
        provinces = [(code, gettext(name)) for code, name in BY_NAME["province"].codes.items()]
        words = {code.value: word for code, word in PROMISE_WORDS.items()} | {"none": _("None")}
        choices = {
            "bucket": [(code.value, BUCKETS[code]) for code in Bucket],
            "assigned": [(str(me), _("Me")), (NOBODY, _("Nobody")), *others],
            "step": [(step.value, CHANNELS[step]) for step in Channel],
            "promise": [(code, words[code]) for code in PROMISES],
            "province": provinces,
            "due": [("due", _("Today or earlier"))],
        }
        for name, rows in choices.items():
            self.fields[name].choices = [_ALL, *rows]
        self.fields["sort"].choices = [
            ("work", _("What to do first")),
            ("days", _("Days past due")),
            ("owed", _("Amount owed")),
            ("next", _("Next action")),
            ("quiet", _("Longest without contact")),
        ]

    def wanted(self) -> Wanted:
        """What was asked for; a value that does not exist is left out."""
        self.is_valid()
        found = {name: value for name, value in self.cleaned_data.items() if value}
        due = bool(found.pop("due", ""))
        return Wanted(**found, due=due)


class ContactForm(forms.Form):
    """One contact over one channel, with what was promised in it."""

    outcome = forms.ChoiceField(label=_("Outcome"))
    at = forms.DateTimeField(
        label=_("When (Beijing time)"),
        input_formats=[_MOMENT],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT),
        error_messages={"invalid": _("Write day and time: 2024-02-29T14:30.")},
    )
    inbound = forms.BooleanField(label=_("The lessee began it"), required=False)
    place = forms.CharField(label=_("Place"), max_length=PLACE_LENGTH)
    amount = forms.DecimalField(
        label=_("Amount promised"), min_value=Decimal("0.01"), max_digits=14, required=False
    )
    due_on = DayField(label=_("Promised for"), required=False)
    note = forms.CharField(
        label=_("Note"),
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What matters for the next contact; nothing about third persons."),
    )
    next_action_on = DayField(label=_("Next action"), required=False)
    corrects = forms.UUIDField(required=False, widget=forms.HiddenInput())
    breaches = forms.BooleanField(
        label=_("It took place all the same: record it as a breach of the rule"), required=False
    )

    def __init__(self, *args, channel: Channel, currency: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.channel, self.currency = channel, currency
        outcomes = OUTCOMES[channel]
        self.fields["outcome"].choices = [(one.value, OUTCOME_WORDS[one]) for one in outcomes]
        if channel is not Channel.VISIT:
            del self.fields["place"]
        if channel not in _TALKS:
            for name in ("inbound", "amount", "due_on"):
                del self.fields[name]
        if not self.is_bound:
            del self.fields["breaches"]  # offered once a rule is broken

    def clean(self):
        data = super().clean()
        if data.get("amount") is not None:
            try:
                data["amount"] = Money(data["amount"], self.currency).minor
            except ValueError:
                self.add_error("amount", _("This currency has no such fraction."))
        promises = data.get("outcome") == Outcome.PROMISED
        for name, missing in (("amount", _("How much is promised?")), ("due_on", _("By when?"))):
            if name in self.fields and name not in self.errors:
                if promises and data.get(name) is None:
                    self.add_error(name, missing)
                elif not promises and data.get(name) is not None:
                    self.add_error(name, _("Only where the outcome is a promise."))
        return data

    def told(self, lease_rid: UUID) -> dict[str, str]:
        """The fields of the entry."""
        data = self.cleaned_data
        at: datetime = data["at"].replace(tzinfo=BEIJING)
        day, corrects = data.get("next_action_on"), data.get("corrects")
        return {
            "lease_rid": str(lease_rid),
            "channel": self.channel.value,
            "outcome": data["outcome"],
            "at": instant_text(at),
            "inbound": "true" if data.get("inbound") else "",
            "place": data.get("place", ""),
            "note": data["note"],
            "next_action_on": day.isoformat() if day else "",
            "corrects": str(corrects) if corrects else "",
            "promised_minor": str(data.get("amount") or ""),
            "promised_on": str(data.get("due_on") or ""),
        }


def begun(now: datetime) -> dict[str, object]:
    """What a contact's form begins with."""
    return {
        "at": now.astimezone(BEIJING).strftime(_MOMENT),
        "next_action_on": now.date() + timedelta(days=3),
    }


class ReasonForm(forms.Form):
    """Why a promise is withdrawn, or a lessee is (not) to be called."""

    reason = forms.CharField(label=_("Why"), max_length=200)


class AssignForm(forms.Form):
    """Whose the chosen leases become; several persons share them evenly."""

    people = forms.MultipleChoiceField(
        label=_("Assign to"),
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Several persons share them evenly, in the order of the list."),
    )

    def __init__(self, *args, people: Mapping[UUID, str], **kwargs):
        super().__init__(*args, **kwargs)
        named = [(str(pk), name) for pk, name in people.items()]
        self.fields["people"].choices = [*named, (NOBODY, _("Nobody"))]

    def clean_people(self):
        """Nobody, or persons."""
        chosen = self.cleaned_data["people"]
        if NOBODY in chosen and len(chosen) > 1:
            raise forms.ValidationError(_("Nobody and somebody cannot both have them."))
        return chosen


class RulesForm(forms.Form):
    """The rules of collecting."""

    reminder = forms.IntegerField(label=_("Reminder from day past due"))
    call = forms.IntegerField(label=_("Call from day past due"))
    visit = forms.IntegerField(label=_("Visit from day past due"))
    notice = forms.IntegerField(label=_("Formal notice from day past due"))
    handover = forms.IntegerField(label=_("Hand-over to repossession from day past due"))
    grace_days = forms.IntegerField(
        label=_("Days of grace for a promise"),
        help_text=_("Money that the bank books so many days later still keeps it."),
    )
    first_hour = forms.IntegerField(label=_("Contacts permitted from (hour, Beijing time)"))
    last_hour = forms.IntegerField(label=_("Contacts permitted until (hour, Beijing time)"))
    calls_a_day = forms.IntegerField(label=_("Calls a day to one lessee"))

    @staticmethod
    def of(rules: CollectionRules) -> dict[str, int]:
        """The form's values of these rules."""
        plain = rules.as_json()
        return {**plain.pop("ladder"), **plain}

    def rules(self) -> dict[str, object]:
        """What `read_rules` reads."""
        data = dict(self.cleaned_data)
        return {"ladder": {step.value: data.pop(step.value) for step in Channel}, **data}
