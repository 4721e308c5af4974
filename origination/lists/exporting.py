"""The filtered list of leases as a file, with how each lease stands on the day."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from origination.domain.lease_fields import BY_NAME
from origination.domain.tapes.writing import SHEET_ROWS
from origination.lists.writing import ListFormat, Value, write_list
from origination.portfolio.filtering import filtered
from origination.problems import BookTooLarge, NothingToExport
from origination.selectors.positions import NOTHING, Position, Standings
from origination.wording_life import STATES
from tenants.money import exponent

_CODES = ("lessee_kind", "province", "product", "energy")
_ROWS = 2000  # read at once
_ROW = (
    "rid", "contract_number", "life", "lessee_kind", "lessee_name", "lessee_id_number", "province",
    "product", "vehicle_make", "vehicle_model", "energy", "vin", "plate_text", "currency",
    "financed_amount_minor", "rent_minor", "term_months", "originated_on", "maturity_on",
    "entry_index",
)  # fmt: skip


def export_leases(
    chosen: Mapping[str, str], *, form: ListFormat, as_of: date, known_at: datetime
) -> IO[bytes]:
    """The leases that the filters let through, as a file at its start.

    Raises `NothingToExport`, or `BookTooLarge` where a sheet cannot hold them.
    """
    leases = filtered(chosen, as_of=as_of, known_at=known_at)
    count = leases.count()
    if not count:
        raise NothingToExport
    if form is ListFormat.XLSX and count > SHEET_ROWS:
        raise BookTooLarge(params={"limit": f"{SHEET_ROWS:,}"})
    rows = leases.annotate(plate_text=KT("record__plate")).values_list(*_ROW)
    standings = Standings.of(as_of=as_of, known_at=known_at)
    stream = tempfile.TemporaryFile()  # noqa: SIM115 (closed by whoever hands it out)
    write_list(form, _header(), _lines(rows.iterator(chunk_size=_ROWS), standings), stream)
    stream.seek(0)
    return stream


def _header() -> Sequence[str]:
    return (
        _("Contract number"), _("State"), _("Kind of lessee"), _("Lessee"), _("Identity number"),
        _("Province"), _("Product"), _("Make"), _("Model"), _("Energy"), _("VIN"),
        _("Number plate"), _("Currency"), _("Financed amount"), _("First rent"), _("Term, months"),
        _("Originated on"), _("Maturity on"), _("Outstanding"), _("Past due"), _("Owed"),
        _("Days past due"), _("Ledger entry"),
    )  # fmt: skip


def _lines(rows: Iterator[tuple], standings: Standings) -> Iterator[Sequence[Value]]:
    words = _words()
    while chunk := list(islice(rows, _ROWS)):
        at = standings.positions([row[0] for row in chunk])
        for row in chunk:
            yield _line(dict(zip(_ROW, row, strict=True)), at.get(row[0], NOTHING), words)


def _words() -> dict[str, dict[str, str]]:
    """Codes in the reader's language, by field: looked up once and not once a row."""
    fields = {
        name: {code: _(label) for code, label in BY_NAME[name].codes.items()} for name in _CODES
    }
    return fields | {"life": {state.value: str(words) for state, (_tone, words) in STATES.items()}}


def _line(
    row: Mapping[str, Any], at: Position, words: Mapping[str, Mapping[str, str]]
) -> Sequence[Value]:
    places = exponent(row["currency"])

    def money(minor: int) -> Decimal:
        return Decimal(minor).scaleb(-places)

    def word(name: str) -> str:
        return words[name].get(row[name], row[name])

    return (
        row["contract_number"], word("life"), word("lessee_kind"), row["lessee_name"],
        row["lessee_id_number"], word("province"), word("product"), row["vehicle_make"],
        row["vehicle_model"], word("energy"), row["vin"], row["plate_text"] or "",
        row["currency"], money(row["financed_amount_minor"]), money(row["rent_minor"]),
        row["term_months"], row["originated_on"], row["maturity_on"], money(at.balance_minor),
        money(at.arrears_minor), money(at.owed_minor), at.days_past_due, row["entry_index"],
    )  # fmt: skip
