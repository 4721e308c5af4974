"""What the world outside says of the vehicles: public registers, telematics, prices."""

import uuid
from datetime import datetime

import polars as pl
from django.db import transaction

from ledger.services import Appended, append_batch
from origination.copying import copy_text, text_array
from origination.domain.line_files import REGISTERS, RESULTS
from origination.problems import NoSuchLease, PaymentsInvalid
from tenants.database.bound import run_bound
from tenants.problems import FieldError


def _items(frame: pl.DataFrame) -> dict[str, list[str]]:
    texts = frame.with_columns(pl.all().cast(pl.String).fill_null(""))
    return {name: texts[name].to_list() for name in texts.columns}


def _refuse_unknown_leases(rids: pl.Series) -> None:
    lost = run_bound(
        "SELECT rid FROM unnest(%s::text[]) AS named (rid) "
        "WHERE NOT EXISTS (SELECT FROM origination_lease AS own WHERE own.rid = named.rid::uuid) "
        "ORDER BY rid",
        [text_array(rids.unique())],
    )
    if lost:
        raise NoSuchLease(detail=f"{len(lost)} items name no lease of yours, {lost[0][0]} first.")


def _refuse_unknown_words(frame: pl.DataFrame, name: str, words: tuple[str, ...]) -> None:
    wrong = frame.select(pl.arg_where(~pl.col(name).is_in(words))).to_series()
    errors = [
        FieldError(f"[{place + 1}].{name}", "unknown_code", f"Write one of: {', '.join(words)}.")
        for place in wrong.to_list()[:50]
    ]
    if errors:
        raise PaymentsInvalid(
            code="search_invalid", title="The search is not usable.", errors=errors
        )


@transaction.atomic
def record_registry_search(*, findings: pl.DataFrame, at: datetime) -> Appended:
    """Keep what Zhongdeng or a vehicle office answered, as one `registry.searched` entry.

    Columns: lease_rid, register, searched_on (ISO text), result, holder, registration_number.
    """
    columns = ["lease_rid", "register", "searched_on", "result", "holder", "registration_number"]
    frame = findings.select(columns).with_columns(pl.all().cast(pl.String).fill_null(""))
    _refuse_unknown_leases(frame["lease_rid"])
    _refuse_unknown_words(frame, "register", REGISTERS)
    _refuse_unknown_words(frame, "result", RESULTS)
    fields = {"searches": str(len(frame)), "searched_on": str(frame["searched_on"].max())}
    appended = append_batch(
        kind="registry.searched", rid=uuid.uuid4(), fields=fields, items=_items(frame), at=at
    )
    rows = frame.select(pl.all(), entry_index=pl.lit(appended.index))
    text = rows.write_csv(include_header=False, quote_style="non_numeric").encode()
    copy_text("origination_registryfinding", ["lease_id", *columns[1:], "entry_index"], text)
    return appended


@transaction.atomic
def record_telematics(*, items: pl.DataFrame, at: datetime) -> Appended:
    """Positions and daily aggregates of one or more days, as one `telematics.batch` entry."""
    _refuse_unknown_leases(items["lease_rid"])
    days = items["day"].cast(pl.String).drop_nulls()
    fields = {"items": str(len(items)), "from_day": str(days.min()), "to_day": str(days.max())}
    return append_batch(
        kind="telematics.batch", rid=uuid.uuid4(), fields=fields, items=_items(items), at=at
    )


@transaction.atomic
def record_price_observations(*, observations: pl.DataFrame, at: datetime) -> Appended:
    """Dated prices of the vehicles (appraisals, sales), as one `prices.observed` entry."""
    _refuse_unknown_leases(observations["lease_rid"])
    fields = {"observations": str(len(observations))}
    return append_batch(
        kind="prices.observed", rid=uuid.uuid4(), fields=fields, items=_items(observations), at=at
    )
