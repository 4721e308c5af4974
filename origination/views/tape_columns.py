"""The columns of an upload as a form: what each may be, and what was chosen."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from origination.domain.lease_fields import FIELDS, Kind
from origination.domain.tapes.mapping import ASSET_NUMBER, FORMS_OF, LABELS, Written
from origination.domain.tapes.reported import REPORTED, TARGETS
from tenants.money import DEFAULT_CURRENCY

_WHY = {
    "name": gettext_lazy("named so"),
    "header": gettext_lazy("from its name"),
    "values": gettext_lazy("from its values"),
    "saved": gettext_lazy("as confirmed"),
}
_LINES = re.compile(r"[\s,，;；]+")
_MOST = 100  # texts for 'no data'


def columns(upload, mapping):
    """Each column with its first values, what it is taken for, and why."""
    return [
        {
            "number": number,
            "name": place.column,
            "samples": upload.samples.get(place.column, []),
            "field": place.field,
            "form": place.form,
            "form_name": _(LABELS[place.form]),
            "why": _WHY.get(place.why, ""),
            "is_required": place.field in TARGETS and TARGETS[place.field].required,
        }
        for number, place in enumerate(mapping.places)
    ]


def choices(mapping):
    """What a column may be, how it may be written, and fields that all rows may share."""
    groups = [(_("Terms of the lease"), FIELDS), (_("As reported"), REPORTED)]
    constants = dict(mapping.constants)
    given = mapping.fields
    shared = [
        {
            "name": spec.name,
            "label": _(spec.label),
            "value": constants.get(spec.name, ""),
            "codes": [(code, _(label)) for code, label in spec.codes.items()]
            or [(DEFAULT_CURRENCY, DEFAULT_CURRENCY)],
        }
        for spec in FIELDS
        if spec.required
        and spec.kind in (Kind.CODE, Kind.CURRENCY)
        and spec.name not in given
        and spec.name != "lessee_kind"
    ]
    return {
        "fields": [
            (title, [(spec.name, _(spec.label), spec.required) for spec in specs])
            for title, specs in groups
        ],
        "asset_number": ASSET_NUMBER,
        "forms": [(str(form), _(LABELS[form])) for form in _written()],
        "shared": shared,
        "no_data": " ".join(mapping.no_data),
    }


def _written() -> list[Written]:
    return list(dict.fromkeys(form for forms in FORMS_OF.values() for form in forms))


def posted(data, upload):
    """The choices of the form; whatever is not one of them keeps its column as it stands."""
    count = len(upload.mapping["places"])
    clean = {name: text.replace("\0", "") for name, text in data.items()}
    return {
        "fields": [clean.get(f"field-{number}", "") for number in range(count)],
        "forms": [clean.get(f"form-{number}", "") for number in range(count)],
        "constants": {
            spec.name: clean.get(f"all-{spec.name}", "")[:80].strip()
            for spec in FIELDS
            if spec.kind in (Kind.CODE, Kind.CURRENCY)
        },
        "no_data": [text[:40] for text in _LINES.split(clean.get("no_data", "")) if text][:_MOST],
    }
