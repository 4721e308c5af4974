"""Columns of a file mapped to fields of a lease: suggested, corrected by a person, applied."""

from origination.domain.tapes.mapping.apply import Mapped, apply_mapping
from origination.domain.tapes.mapping.forms import FORMS_OF, LABELS, Written
from origination.domain.tapes.mapping.shape import (
    ASSET_NUMBER,
    DERIVED,
    NO_DATA,
    REQUIRED,
    Place,
    TapeMapping,
    own_form,
)
from origination.domain.tapes.mapping.suggest import is_own, suggest

__all__ = [
    "ASSET_NUMBER",
    "DERIVED",
    "FORMS_OF",
    "LABELS",
    "NO_DATA",
    "REQUIRED",
    "Mapped",
    "Place",
    "TapeMapping",
    "Written",
    "apply_mapping",
    "is_own",
    "own_form",
    "suggest",
]
