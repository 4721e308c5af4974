"""Files of bank lines and of register searches: checked line by line, then one ledger entry."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time

import polars as pl

from ledger.services import Appended
from origination.domain.dialects import Layout, Reading, read
from origination.domain.lease_fields import FINDINGS_SCHEMA
from origination.domain.line_files import BANK_LINES, SEARCHES
from origination.models import Lease
from origination.problems import NotLines
from origination.services.line_findings import LineFinding, in_words
from origination.services.payments import booked_before, record_payments, wrong_beside_the_book
from origination.services.registers import record_registry_search
from origination.tape_file import missing_columns, read_text_table


@dataclass
class LinesReport:
    """What was taken of a file of lines; `appended` is None when nothing was written."""

    lines: int
    taken: int = 0
    appended: Appended | None = None
    findings: list[LineFinding] = field(default_factory=list)


def import_payments(*, content: bytes, at: datetime, keep_good: bool = False) -> LinesReport:
    """Book the bank lines of a CSV (`domain.line_files.BANK_LINES`) as one `payments.batch`.

    Raises `NotLines` or `HalfAFile`; wrong lines are findings, and without `keep_good` one of them
    keeps everything out. A reversal may name a line of the same file.
    """
    table, reading = _read(BANK_LINES, content, at, "effective_on", "known_on")
    found = [reading.findings]
    events = _events(reading, at)
    while True:
        wrong = _wrong_in_book(events)
        found.append(wrong.select(list(FINDINGS_SCHEMA)))
        if wrong.is_empty():
            break
        # a reversal of a line that falls out falls out with it, so the rest is looked at again
        events = events.filter(~pl.col("row").is_in(wrong["row"].to_list()))
    report = _report(BANK_LINES, table, found)
    if _may_write(report, events, keep_good):
        report.appended = record_payments(events=events, at=at)
        report.taken = len(events)
    return report


def import_registry_search(*, content: bytes, at: datetime, keep_good: bool = False) -> LinesReport:
    """Keep a CSV of register answers (`domain.line_files.SEARCHES`) as one `registry.searched`.

    Findings, `keep_good` and what is raised: as for bank lines.
    """
    table, reading = _read(SEARCHES, content, at, "searched_on")
    answers = _with_rids(reading).with_columns(pl.col("searched_on").dt.to_string("%Y-%m-%d"))
    report = _report(SEARCHES, table, [reading.findings])
    if _may_write(report, answers, keep_good):
        report.appended = record_registry_search(findings=answers, at=at)
        report.taken = len(answers)
    return report


def _read(layout: Layout, content: bytes, at: datetime, *days: str) -> tuple[pl.DataFrame, Reading]:
    """The file's texts and their reading, with contract numbers and days compared with today's."""
    table = read_text_table(content, [column.source for column in layout.columns])
    if missing := layout.missing(table.columns):
        raise NotLines(errors=missing_columns(missing))
    gaps = [column for column in layout.columns if column.source not in table.columns]
    table = table.with_columns(pl.lit(None, pl.String).alias(column.source) for column in gaps)
    reading = read(layout, table)
    numbers = reading.table["contract_number"]
    masks = [("contract_number", "no_such_lease", numbers.is_not_null() & ~numbers.is_in(_rids()))]
    masks += [(day, "in_the_future", reading.table[day] > at.date()) for day in days]
    more = [_found(mask.fill_null(False).arg_true().to_list(), *what) for *what, mask in masks]
    findings = pl.concat([reading.findings, *more]).sort("row", maintain_order=True)
    return table, Reading(reading.table, findings)


def _rids() -> dict[str, str]:
    return {number: str(rid) for number, rid in Lease.objects.values_list("contract_number", "rid")}


def _with_rids(reading: Reading) -> pl.DataFrame:
    """The good lines with `row` and `lease_rid`."""
    good = reading.table.with_row_index("row").filter(
        ~pl.col("row").is_in(reading.findings["row"].to_list())
    )
    rid = pl.col("contract_number").replace_strict(_rids(), default=None, return_dtype=pl.String)
    return good.with_columns(lease_rid=rid)


#: Fields of a booked line → columns of the file.
_OF_THE_FILE = {"lease_rid": "contract_number", "effective_at": "effective_on"}


def _events(reading: Reading, at: datetime) -> pl.DataFrame:
    """Bank lines as `record_payments` takes them: a day is known at its end, never after `at`."""
    midnight, day = datetime.combine(at.date(), time(), UTC), pl.Datetime("us", "UTC")
    known = pl.col("known_on").cast(day)
    return _with_rids(reading).with_columns(
        effective_at=pl.col("effective_on").cast(day),
        known_at=pl.when(known < midnight).then(known + pl.duration(days=1)).otherwise(pl.lit(at)),
    )


def _wrong_in_book(events: pl.DataFrame) -> pl.DataFrame:
    found = [
        _found([place], _OF_THE_FILE.get(name, name), code)
        for place, name, code in wrong_beside_the_book(events)
    ]
    found.append(_found(booked_before(events), "bank_reference", "booked_already"))
    places = pl.concat(found)
    return places.with_columns(row=events["row"].gather(places["row"]))


def _found(rows: list[int], name: str, code: str) -> pl.DataFrame:
    lines = {"row": rows, "field": [name] * len(rows), "code": [code] * len(rows)}
    return pl.DataFrame(lines, schema=FINDINGS_SCHEMA)


def _report(layout: Layout, table: pl.DataFrame, found: list[pl.DataFrame]) -> LinesReport:
    findings = pl.concat(found).sort("row", maintain_order=True)
    return LinesReport(len(table), findings=in_words(layout, table, Reading(table, findings)))


def _may_write(report: LinesReport, good: pl.DataFrame, keep_good: bool) -> bool:
    return not good.is_empty() and (keep_good or not report.findings)


__all__ = ["LinesReport", "import_payments", "import_registry_search"]
