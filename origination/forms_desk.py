"""Forms of the approval desk: an application, a move, limits."""

import hashlib
from decimal import Decimal, InvalidOperation

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from origination.domain.lease_fields import FIELDS, FieldSpec, Kind
from origination.domain.life.limits import DECIDING
from origination.domain.life.machine import Move
from origination.domain.life.moves import ASKED_AT_THE_DESK, MOST_WORDS, Sort
from origination.wording_life import FACTS, ROLES
from tenants.forms import DayField
from tenants.money import DEFAULT_CURRENCY, Money
from tenants.permissions import Role

_LONG = forms.Textarea(attrs={"rows": 4})
_FILE_BYTES = 20 * 1024**2


class ApplicationForm(forms.Form):
    """Every field of a lease, amounts in major units and rates in per cent."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args, record=None, asks_answer=False, **kwargs):
        if record is not None:
            kwargs["initial"] = {
                **{spec.name: _shown(spec, record.get(spec.name, "")) for spec in FIELDS},
                **kwargs.get("initial", {}),
            }
        super().__init__(*args, **kwargs)
        if asks_answer:
            self.fields["answer"] = forms.CharField(
                label=_("Answer to the questions"), max_length=MOST_WORDS, widget=_LONG
            )
        for spec in FIELDS:
            if spec.kind is not Kind.SHA256:
                self.fields[spec.name] = _field(spec)
        self.fields["confirm"] = forms.BooleanField(
            label=_("What is named as unusual is right all the same"), required=False
        )

    def record(self) -> dict[str, str]:
        """The record as the ledger writes it; what cannot be read stays as it was typed."""
        return {
            spec.name: text
            for spec in FIELDS
            if (text := _written(spec, self.cleaned_data.get(spec.name)))
        }


def _field(spec: FieldSpec) -> forms.Field:
    label = gettext(spec.label)
    if spec.kind is Kind.RATE:
        label = gettext("%(label)s, per cent") % {"label": label}
    if spec.kind is Kind.CODE:
        codes = [(code, gettext(words)) for code, words in spec.codes.items()]
        return forms.ChoiceField(
            label=label, choices=[("", gettext("Choose")), *codes], required=spec.required
        )
    if spec.kind is Kind.DATE:
        return DayField(label=label, required=spec.required)
    numeric = spec.kind in (Kind.MINOR, Kind.RATE, Kind.WHOLE)
    widget = forms.TextInput(attrs={"inputmode": "decimal"} if numeric else {})
    return forms.CharField(label=label, required=spec.required, max_length=80, widget=widget)


def _shown(spec: FieldSpec, text: str) -> str:
    if spec.kind is Kind.MINOR and text:
        return str(Money.from_minor(int(text), DEFAULT_CURRENCY).amount)
    if spec.kind is Kind.RATE and text:
        return str((Decimal(text) * 100).normalize())
    return text


def _written(spec: FieldSpec, value) -> str:
    text = value.isoformat() if hasattr(value, "isoformat") else str(value or "").strip()
    if spec.kind not in (Kind.MINOR, Kind.RATE) or not text:
        return text
    try:
        figure = Decimal(text) * 100 if spec.kind is Kind.MINOR else Decimal(text) / 100
    except InvalidOperation:
        return text
    if not figure.is_finite() or abs(figure) > 10**15:
        return text
    whole = figure.quantize(Decimal(1)) if spec.kind is Kind.MINOR else figure
    return f"{whole.normalize():f}" if whole == figure else text


class DeskMoveForm(forms.Form):
    """What a move of an application asks for; of a signature its day and its file."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args, move: Move, **kwargs):
        super().__init__(*args, **kwargs)
        if move is Move.SIGN:
            self.fields["on"] = DayField(label=_("Signed on"))
        for spec in ASKED_AT_THE_DESK[move]:
            if spec.sort is Sort.SHA256:
                self.fields[spec.name] = forms.FileField(
                    label=_("File of the signed contract"),
                    help_text=_("It is read for its hash and not kept here; up to 20 MiB."),
                )
                continue
            label = FACTS[spec.name] if spec.required or spec.name != "reason" else _("Remark")
            long = {"widget": _LONG} if spec.most >= MOST_WORDS else {}
            self.fields[spec.name] = forms.CharField(
                label=label, required=spec.required, max_length=spec.most, **long
            )

    def clean_contract_sha256(self):
        file = self.cleaned_data["contract_sha256"]
        if file.size > _FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MiB. Send a smaller scan."))
        return hashlib.file_digest(file, "sha256").hexdigest()

    def given(self) -> dict[str, str]:
        """The move's own fields."""
        return {
            name: str(value)
            for name, value in self.cleaned_data.items()
            if name not in ("on", "seen") and value
        }


class LimitsForm(forms.Form):
    """From a day on, what each role may approve."""

    starts_on = DayField(label=_("From"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for role in DECIDING:
            self.fields[role.value] = forms.DecimalField(
                label=ROLES[role], min_value=0, max_digits=12, decimal_places=2,
                help_text=_("Financed amount, in yuan; 0 approves nothing."),
            )  # fmt: skip

    def up_to(self) -> dict[Role, int]:
        """Minor units by role."""
        return {
            role: Money(self.cleaned_data[role.value], DEFAULT_CURRENCY).minor for role in DECIDING
        }


class ApplicationFilter(forms.Form):
    """Search and state of the list of applications."""

    q = forms.CharField(label=_("Contract or lessee"), required=False)

    def __init__(self, *args, states=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["state"] = forms.ChoiceField(
            label=_("State"), choices=[("", _("All")), *states], required=False
        )
