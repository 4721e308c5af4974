"""A mapping: which column is which field and how it is written; what means 'no data'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from origination.domain.lease_fields import FIELDS
from origination.domain.tapes.mapping.forms import FORMS_OF, Written
from origination.domain.tapes.reported import TARGETS
from origination.problems import NotATape
from tenants.problems import FieldError

#: The record id of a lease, as an EX-102 file of this house carries it: no field of a lease.
ASSET_NUMBER: Final = "asset_number"
#: Texts that stand for the absence of a value, in any case: ESMA's no-data codes and the usual.
NO_DATA: Final = (
    "ND1", "ND2", "ND3", "ND4", "ND5", "N/A", "NA", "#N/A", "NULL", "NONE", "NAN", "NIL", "-",
    "--", "—", "/", "?", "空", "无", "暂无", "未知", "不详", "缺失", "不适用",
)  # fmt: skip
REQUIRED: Final = tuple(spec.name for spec in FIELDS if spec.required)
#: Fields that are worked out where no column holds them.
DERIVED: Final = ("lessee_kind",)


@dataclass(frozen=True, slots=True)
class Place:
    """One column: its field ("" keeps it as it stands) and how it is written.

    `why` is where a suggestion comes from: name, header, values, saved; "" for a person's choice.
    """

    column: str
    field: str = ""
    form: Written = Written.TEXT
    why: str = ""


@dataclass(frozen=True)
class TapeMapping:
    """All columns of a file, fields that are the same in every row, and the no-data texts."""

    places: tuple[Place, ...]
    constants: tuple[tuple[str, str], ...] = ()
    no_data: tuple[str, ...] = NO_DATA

    @property
    def fields(self) -> dict[str, Place]:
        """field → its column."""
        return {place.field: place for place in self.places if place.field}

    @property
    def by_asset(self) -> bool:
        """Whether rows name leases by record id: they can tell of leases, and record none."""
        return ASSET_NUMBER in self.fields

    def missing(self) -> list[str]:
        """Required fields that no column, constant or derivation gives."""
        if self.by_asset:
            return []
        given = {*self.fields, *dict(self.constants), *DERIVED}
        return [name for name in REQUIRED if name not in given]

    def check(self) -> None:
        """Raise `NotATape` naming each required field without a column, or mapped twice."""
        chosen = [place.field for place in self.places if place.field]
        twice = sorted({name for name in chosen if chosen.count(name) > 1})
        errors = [
            FieldError(
                name,
                "mapped_twice",
                "Two columns are said to be this field.",
                "Choose one column; leave the other as it stands.",
            )
            for name in twice
        ]
        errors += [
            FieldError(name, "missing_column", "The file has no such column.", "Add the column.")
            for name in self.missing()
        ]
        if errors:
            raise NotATape(errors=errors)

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        return {
            "places": [[p.column, p.field, str(p.form), p.why] for p in self.places],
            "constants": dict(self.constants),
            "no_data": list(self.no_data),
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> TapeMapping:
        """The inverse of `as_json`."""
        return cls(
            tuple(Place(c, f, Written(form), why) for c, f, form, why in kept["places"]),
            tuple(kept["constants"].items()),
            tuple(kept["no_data"]),
        )

    def for_columns(self, columns: Sequence[str], else_: Iterable[Place]) -> TapeMapping:
        """A saved mapping for another file of its source: new columns as suggested (`else_`)."""
        saved = {place.column: place for place in self.places}
        taken = {saved[name].field for name in columns if name in saved}
        places = []
        for place in else_:
            if place.column in saved:
                place = replace(saved[place.column], why="saved")
            elif place.field in taken:
                place = Place(place.column)
            places.append(place)
        return replace(self, places=tuple(places))


def own_form(field: str) -> Written:
    """How the house itself writes a field."""
    return FORMS_OF[TARGETS[field].kind][0]
