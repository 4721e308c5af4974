"""A file taken in: read once from end to end, kept in chunks, its columns understood as far as may
be. Nothing of it is in the book yet."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import IO
from uuid import UUID

import polars as pl
from django.db import transaction

from origination.domain.tapes.mapping import (
    ASSET_NUMBER,
    FORMS_OF,
    Place,
    TapeMapping,
    Written,
    suggest,
)
from origination.domain.tapes.mapping.headers import header_of
from origination.domain.tapes.mapping.suggest import SAMPLE
from origination.domain.tapes.mapping.values import best_form
from origination.domain.tapes.readers import TapeText, open_tape
from origination.domain.tapes.reported import TARGETS
from origination.models import Tape, TapeChunk, TapeSource, TapeUpload, UploadState
from origination.problems import TapeBusy, TapeKnown
from origination.services.tapes.findings import opened, packed
from origination.unpacking import pieces_of

_SAMPLES, _LONGEST = 3, 60


def stage_tape(
    *, stream: IO[bytes], file_name: str, by: UUID, at: datetime, source: str = ""
) -> TapeUpload:
    """Read a file into an upload; one of the same bytes that was not imported is begun anew.

    Raises `NotATape`, `HalfAFile`, `TooLarge`, `TapeKnown`, or `TapeBusy` while a job is at it.
    """
    digest = _sha256(stream)
    refuse_known(digest)
    tape = open_tape(stream)
    return keep_tape(tape, digest, file_name=file_name, by=by, at=at, source=source)


@transaction.atomic
def keep_tape(
    tape: TapeText, digest: str, *, file_name: str, by: UUID, at: datetime, source: str = ""
) -> TapeUpload:
    """Store an opened tape's rows and what its columns seem to be."""
    old = TapeUpload.objects.select_for_update().filter(sha256=digest).first()
    if old is not None and (old.runs or old.tape_id is not None):
        raise TapeBusy
    if old is not None:
        old.delete()
    origin = source_named(source, by=by, at=at)
    upload = TapeUpload(
        rid=uuid.uuid4(), source=origin, file_name=file_name, sha256=digest, format=tape.format,
        encoding=tape.encoding, rows=0, mapping={}, samples={}, uploaded_by=by, uploaded_at=at,
    )  # fmt: skip
    for number, rows in enumerate(tape.chunks()):
        if not number:
            upload.mapping = _mapping(tape, rows, origin).as_json()
            upload.samples = _samples(rows, tape.columns)
            upload.save(force_insert=True)
        TapeChunk.objects.create(
            upload=upload, number=number, first_row=upload.rows + 1, rows=len(rows),
            content=packed(rows),
        )  # fmt: skip
        upload.rows += len(rows)
    upload.save(update_fields=["rows"])
    return upload


def refuse_known(digest: str) -> None:
    """Raise `TapeKnown` where these very bytes were imported."""
    if known := Tape.objects.filter(sha256=digest).first():
        params = {"name": known.file_name, "day": f"{known.imported_at:%Y-%m-%d}"}
        if not TapeUpload.objects.filter(tape=known).exclude(state=UploadState.IMPORTED).exists():
            raise TapeKnown(params=params)


def source_named(name: str, *, by: UUID, at: datetime) -> TapeSource | None:
    """The source of that name, made where there is none; None for no name."""
    if not (name := name.strip()):
        return None
    return TapeSource.objects.get_or_create(name=name, defaults={"saved_by": by, "saved_at": at})[0]


@transaction.atomic
def confirm_mapping(
    *, upload: TapeUpload, mapping: TapeMapping, source: str, by: UUID, at: datetime
) -> None:
    """A person's mapping of an upload; kept for its source. Raises `NotATape` by field."""
    mapping.check()
    upload = TapeUpload.objects.select_for_update().get(pk=upload.pk)
    if upload.runs or upload.tape_id is not None:
        raise TapeBusy
    origin = source_named(source, by=by, at=at)
    upload.source, upload.mapping, upload.state = origin, mapping.as_json(), UploadState.READ
    upload.report = {}  # what was found under other columns says nothing of these
    upload.save(update_fields=["source", "mapping", "state", "report"])
    if origin is not None:
        origin.mapping, origin.saved_by, origin.saved_at = upload.mapping, by, at
        origin.save(update_fields=["mapping", "saved_by", "saved_at"])


def chosen_mapping(
    upload: TapeUpload,
    *,
    fields: Sequence[str],
    forms: Sequence[str],
    constants: dict[str, str],
    no_data: Sequence[str],
) -> TapeMapping:
    """What a person chose for each column, in the file's order; "" keeps a column as it stands.

    A form that the field does not have is worked out from the values, as for a suggestion.
    """
    chunk = upload.chunks.order_by("number").first()
    rows = opened(chunk.content).head(SAMPLE) if chunk is not None else pl.DataFrame()
    before = mapping_of(upload)
    places = []
    for place, field, form in zip(before.places, fields, forms, strict=True):
        if field not in TARGETS and field != ASSET_NUMBER:
            places.append(Place(place.column))
        elif field == place.field and form == place.form:
            places.append(replace(place, why="saved"))
        else:
            own = _form(form, field, rows[place.column], place.column)
            places.append(Place(place.column, field, own, "saved"))
    given = tuple((name, text) for name, text in constants.items() if text and name in TARGETS)
    return TapeMapping(tuple(places), given, tuple(no_data))


def _form(form: str, field: str, values: pl.Series, column: str) -> Written:
    if field == ASSET_NUMBER:
        return Written.TEXT
    own = FORMS_OF[TARGETS[field].kind]
    if form in own:
        return Written(form)
    header = header_of(column)
    return best_form(values.drop_nulls().str.strip_chars(), field, header.unit, header.plain)


@transaction.atomic
def drop_upload(*, upload: TapeUpload) -> None:
    """Forget a file of which nothing is in the book."""
    upload = TapeUpload.objects.select_for_update().get(pk=upload.pk)
    if upload.runs or upload.tape_id is not None:
        raise TapeBusy
    upload.delete()


def mapping_of(upload: TapeUpload) -> TapeMapping:
    """How its columns are read."""
    return TapeMapping.of_json(upload.mapping)


def _mapping(tape: TapeText, rows: pl.DataFrame, origin: TapeSource | None) -> TapeMapping:
    saved = TapeMapping.of_json(origin.mapping) if origin is not None and origin.mapping else None
    if saved is None:
        return suggest(tape, rows)
    return saved.for_columns(tape.columns, suggest(tape, rows, saved.no_data).places)


def _samples(rows: pl.DataFrame, columns: Sequence[str]) -> dict[str, list[str]]:
    return {
        name: [text[:_LONGEST] for text in rows[name].drop_nulls().head(_SAMPLES)]
        for name in columns
    }


def _sha256(stream: IO[bytes]) -> str:
    digest = sha256()
    stream.seek(0)
    for piece in pieces_of(stream):
        digest.update(piece)
    return digest.hexdigest()
