"""The lease form of the phone page: which field of the registry stands in which step, and how.

The fields themselves (labels, codes, bounds) are `origination.domain.lease_fields.vocabulary`'s.
Amounts are typed in major units and rates in per cent; the page turns them into what is signed.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from origination.domain.lease_fields.vocabulary import BY_NAME, FieldSpec, Kind

#: step → (title, fields in order)
STEPS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "lessee": (
        _("Lessee"),
        (
            "lessee_kind",
            "lessee_name",
            "lessee_id_number",
            "lessee_phone",
            "province",
            "employment",
            "lessee_income_monthly_minor",
            "credit_score",
        ),
    ),
    "vehicle": (
        _("Vehicle"),
        (
            "vin",
            "vehicle_make",
            "vehicle_model",
            "model_year",
            "energy",
            "condition",
            "vehicle_use",
            "odometer_km",
            "plate",
            "vehicle_price_minor",
        ),
    ),
    "terms": (
        _("Terms"),
        (
            "contract_number",
            "product",
            "financed_amount_minor",
            "deposit_minor",
            "fee_minor",
            "residual_kind",
            "residual_minor",
            "rent_pattern",
            "rent_timing",
            "annual_nominal_rate",
            "term_months",
            "originated_on",
            "first_payment_on",
        ),
    ),
    "photo": (_("Photo"), ()),
    "sign": (_("Sign"), ()),
}
#: What the page works out itself: rent and maturity by the lease's schedule, the photo's hash.
DERIVED = frozenset({"rent_minor", "maturity_on", "photo_sha256", "currency"})
#: Recorded by the back office, not on the road.
OFFICE_ONLY = frozenset({"lessee_group", "dealer_code"})
#: A flat fee's rent is not decided by the nominal rate; such contracts come by tape.
PHONE_CODES = {"rent_pattern": ("level", "level_principal")}
DEFAULTS = {
    "lessee_kind": "person",
    "energy": "bev",
    "condition": "new",
    "vehicle_use": "private",
    "product": "direct_lease",
    "residual_kind": "nominal_purchase",
    "residual_minor": "1.00",
    "rent_pattern": "level",
    "rent_timing": "arrears",
    "term_months": "36",
}
HELP = {
    "vin": _("17 characters: windscreen, door frame or registration certificate"),
    "lessee_id_number": _("18 characters: identity card, or unified social credit code"),
    "credit_score": _("From the bureau, 300 to 900"),
    "annual_nominal_rate": _("Nominal, paid monthly"),
    "residual_minor": _("What the lessee pays at the end to keep the vehicle"),
}
_SEGMENT_LIMIT = 3  # so many codes are shown side by side, more as a list
_INPUT_MODES = {Kind.MINOR: "decimal", Kind.RATE: "decimal", Kind.WHOLE: "numeric"}


@dataclass(frozen=True)
class Control:
    """One control of the form, ready for the template."""

    name: str
    label: str
    widget: str  # text, date, select, segments
    kind: str
    required: bool
    initial: str
    help: str
    input_mode: str
    choices: tuple[tuple[str, str], ...]
    unit: str
    length: int


@dataclass(frozen=True)
class Step:
    """One screen of the form."""

    key: str
    title: str
    controls: tuple[Control, ...]


def steps() -> list[Step]:
    """All steps in the reader's language."""
    return [
        Step(key, str(title), tuple(_control(BY_NAME[name]) for name in names))
        for key, (title, names) in STEPS.items()
    ]


def labels() -> dict[str, str]:
    """Field name → label, for errors and for what is signed."""
    return {name: gettext(spec.label) for name, spec in BY_NAME.items()}


def code_labels() -> dict[str, dict[str, str]]:
    """Field name → code → label, for what is signed."""
    return {
        name: {code: gettext(label) for code, label in spec.codes.items()}
        for name, spec in BY_NAME.items()
        if spec.codes
    }


def _control(spec: FieldSpec) -> Control:
    allowed = PHONE_CODES.get(spec.name, tuple(spec.codes))
    choices = tuple((code, gettext(spec.codes[code])) for code in allowed)
    return Control(
        name=spec.name,
        label=gettext(spec.label),
        widget=_widget(spec, len(choices)),
        kind=spec.kind.value,
        required=spec.required,
        initial=DEFAULTS.get(spec.name, ""),
        help=str(HELP.get(spec.name, "")),
        input_mode=_INPUT_MODES.get(spec.kind, "tel" if spec.kind is Kind.PHONE else "text"),
        choices=choices,
        unit={Kind.MINOR: "¥", Kind.RATE: "%"}.get(spec.kind, ""),
        length=spec.length,
    )


def _widget(spec: FieldSpec, choices: int) -> str:
    if spec.kind is Kind.CODE:
        return "segments" if spec.required and choices <= _SEGMENT_LIMIT else "select"
    return "date" if spec.kind is Kind.DATE else "text"
