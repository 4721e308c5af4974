"""Two versions of an application side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from origination.domain.lease_fields import FIELDS, FieldSpec


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in two versions; empty where a version has no such field."""

    spec: FieldSpec
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


def side_by_side(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Every field that one of them has, in the order of the fields."""
    return [
        Difference(spec, before.get(spec.name, ""), after.get(spec.name, ""))
        for spec in FIELDS
        if spec.name in before or spec.name in after
    ]
