"""The fields of entries in the reader's language: labels, codes, money, times, names.

What an entry says is text under a field's name, as it was signed. Rooms above register what their
fields and codes are called (`register`, from `AppConfig.ready`); the ledger knows its own. What
nobody registered is shown as it was signed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tenants.formatting import full_money, percent
from tenants.models import Membership, Tenant, User
from tenants.money import DEFAULT_CURRENCY, Money
from tenants.templatetags.ui import institution, number, person_name

Codes = Mapping[str, Promise]


class Form(StrEnum):
    """How a value is to be read where its name does not tell."""

    PERCENT = "percent"  # a decimal fraction
    WHOLE = "whole"  # a count
    CODES = "codes"  # comma-joined codes
    PERSONS = "persons"  # comma-joined users' ids
    INSTITUTION = "institution"
    HASH = "hash"
    TRANCHES = "tranches"  # comma-joined `class:original_minor`
    VOTES = "votes"  # comma-joined `person:yes`


@dataclass(frozen=True)
class FieldWords:
    """Words of some kinds of entries, of every kind where none is named."""

    labels: Mapping[str, Promise]
    codes: Mapping[str, Codes] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """One field as a page shows it: `shape` is text, hash, moment or day."""

    name: str
    raw: str
    label: str
    text: str
    shape: str = "text"
    at: datetime | None = None


_loaders: list[Callable[[], Sequence[FieldWords]]] = []


def register(load: Callable[[], Sequence[FieldWords]]) -> None:
    """Words of a room; `load` is called at the first page that needs them."""
    _loaders.append(load)
    _tables.cache_clear()


@cache
def _tables() -> dict[str, list[FieldWords]]:
    found: dict[str, list[FieldWords]] = {}
    for load in _loaders:
        for words in load():
            for kind in words.kinds or ("",):
                found.setdefault(kind, []).append(words)
    return found


def _words_of(kind: str) -> Iterator[FieldWords]:
    """The kind's own words first."""
    yield from _tables().get(kind, ())
    yield from _tables().get("", ())


def label_of(kind: str, name: str) -> str:
    """What a field is called, or its name."""
    return next((str(w.labels[name]) for w in _words_of(kind) if name in w.labels), name)


def codes_of(kind: str, name: str) -> Codes:
    """The words of a field's codes; empty where it has none."""
    return next((w.codes[name] for w in _words_of(kind) if name in w.codes), {})


def catalogue() -> dict[str, dict[str, list[object]]]:
    """Kind ("" for all) → field → its label and its codes' words, for the reader's browser."""
    return {
        kind: {
            name: [label_of(kind, name), {c: str(w) for c, w in codes_of(kind, name).items()}]
            for words in listed
            for name in words.labels
        }
        for kind, listed in _tables().items()
    }


def _form_of(kind: str, name: str) -> Form | None:
    return next((w.forms[name] for w in _words_of(kind) if name in w.forms), None)


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MINOR = re.compile(r"-?\d{1,18}")
_HASH_NAMES = ("_sha256", "_hash", "_root")
#: Longer texts without a space are identifiers, keys or hashes.
_LONG = 40


class Shower:
    """Shows many fields; each institution and person is looked up once.

    Persons are named to their own institution alone: what a counterparty's people are called is not
    in the ledger.
    """

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._institutions: dict[str, str] | None = None
        self._persons: dict[str, str] = {}

    def fields(self, kind: str, fields: Mapping[str, str]) -> list[Shown]:
        """The fields of an entry or an item, in the order of the words, then of the names."""
        order = {name: at for at, name in enumerate(self._order(kind))}
        names = sorted(fields, key=lambda name: (order.get(name, len(order)), name))
        return [self.field(kind, name, fields) for name in names]

    @staticmethod
    def _order(kind: str) -> list[str]:
        return list(dict.fromkeys(n for w in _tables().get(kind, ()) for n in w.labels))

    def field(self, kind: str, name: str, fields: Mapping[str, str]) -> Shown:
        """One field; `fields` are all of its record, for the currency."""
        raw, label = fields[name], label_of(kind, name)
        codes, form = codes_of(kind, name), _form_of(kind, name)
        if form is not None:
            text, shape = self._formed(form, raw, codes, fields), "text"
            if form is Form.HASH:
                shape = "hash"
            return Shown(name, raw, label, text, shape)
        if raw in codes:
            return Shown(name, raw, label, str(codes[raw]))
        if name.endswith("_minor") and _MINOR.fullmatch(raw):
            return Shown(name, raw, label, _money(raw, fields))
        if raw in ("true", "false"):
            return Shown(name, raw, label, _("Yes") if raw == "true" else _("No"))
        if _MOMENT.fullmatch(raw) and (at := _instant(raw)):
            return Shown(name, raw, label, raw, "moment", at)
        if _DAY.fullmatch(raw):
            return Shown(name, raw, label, raw, "day")
        if name.endswith("_by") and (text := self._persons_in(raw)):
            return Shown(name, raw, label, text)
        if name.endswith(_HASH_NAMES) or (len(raw) >= _LONG and " " not in raw and raw.isascii()):
            return Shown(name, raw, label, raw, "hash")
        return Shown(name, raw, label, raw, "hash" if _UUID.fullmatch(raw) else "text")

    def _formed(self, form: Form, raw: str, codes: Codes, fields: Mapping[str, str]) -> str:
        if form is Form.PERCENT:
            return percent(Decimal(raw)) if re.fullmatch(r"-?\d+(\.\d+)?", raw) else raw
        if form is Form.WHOLE:
            return number(raw) or raw
        if form is Form.CODES:
            return _(", ").join(str(codes.get(code, code)) for code in raw.split(",") if code)
        if form is Form.PERSONS:
            return self._persons_in(raw) or raw
        if form is Form.INSTITUTION:
            return self._institution(raw)
        pairs = [part.partition(":") for part in raw.split(",") if part]
        if form is Form.TRANCHES:
            shown = [(str(codes.get(a, a)), _money(b, fields)) for a, _colon, b in pairs]
        elif form is Form.VOTES:
            shown = [(self._persons_in(a) or a, str(codes.get(b, b))) for a, _colon, b in pairs]
        else:
            return raw
        return _(", ").join(f"{one} {other}" for one, other in shown)

    def _institution(self, raw: str) -> str:
        if self._institutions is None:
            self._institutions = {str(t.pk): institution(t) for t in Tenant.objects.all()}
        return self._institutions.get(raw, raw)

    def _persons_in(self, raw: str) -> str:
        """Names of comma-joined users' ids; empty where it is something else."""
        ids = raw.split(",")
        if not all(_UUID.fullmatch(one) for one in ids):
            return ""
        missing = [UUID(one) for one in ids if one not in self._persons]
        if missing:
            self._look_up(missing)
        return _(", ").join(self._persons[one] for one in ids)

    def _look_up(self, ids: Iterable[UUID]) -> None:
        wanted = list(ids)
        members = Membership.objects.filter(tenant=self._tenant, user__in=wanted).values("user")
        known = {user.pk: person_name(user) for user in User.objects.filter(pk__in=members)}
        for pk in wanted:
            unnamed = _("a person of that institution, %(id)s") % {"id": str(pk)[:8]}
            self._persons[str(pk)] = known.get(pk, unnamed)


def _money(raw: str, fields: Mapping[str, str]) -> str:
    if not _MINOR.fullmatch(raw):
        return raw
    try:
        return full_money(Money.from_minor(int(raw), fields.get("currency", DEFAULT_CURRENCY)))
    except ValueError:  # a currency that nobody knows
        return raw


def _instant(raw: str) -> datetime | None:
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        return None
