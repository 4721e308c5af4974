"""The book's journal as a file: a workbook of two sheets, or two CSV files in an archive."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from tempfile import TemporaryFile
from typing import BinaryIO

from openpyxl import Workbook

from origination.domain.servicing.accounts import Account, EntryKind
from origination.selectors.journal import BookJournal
from tenants.money import Money

#: A sheet of a workbook holds no more rows.
MOST_ROWS = 1_048_575

Say = Callable[[str], str]


def _header(say: Say) -> list[str]:
    names = (
        "Day", "Contract number", "Currency", "Entry", "Bank reference", "Rental", "Account",
        "Debit", "Credit",
    )  # fmt: skip
    return [say(name) for name in names]


def _balance_header(say: Say) -> list[str]:
    names = ("Currency", "Account", "Opening balance", "Debit", "Credit", "Closing balance")
    return [say(name) for name in names]


def _rows(book: BookJournal, name: Callable[[Account | EntryKind], str]) -> Iterator[list[object]]:
    for found in book:
        entry = found.entry
        for account, amount in entry.postings:
            money = Money.from_minor(abs(amount), found.currency).amount
            debit, credit = (money, None) if amount > 0 else (None, money)
            yield [
                entry.day, found.contract_number, found.currency, name(entry.kind),
                entry.reference, entry.rental or None, name(account), debit, credit,
            ]  # fmt: skip


def _balances(
    book: BookJournal, name: Callable[[Account | EntryKind], str]
) -> Iterator[list[object]]:
    for currency, balance in sorted(book.balances.items()):
        for account in Account:
            minor = (
                balance.opening[account], balance.debits[account], balance.credits[account],
                balance.closing(account),
            )  # fmt: skip
            figures = [Money.from_minor(amount, currency).amount for amount in minor]
            yield [currency, name(account), *figures]


def journal_archive(
    book: BookJournal, *, say: Say, name: Callable[[Account | EntryKind], str]
) -> BinaryIO:
    """`journal.csv` and `trial_balance.csv` (UTF-8 with its mark) in a ZIP archive."""
    stream = TemporaryFile()  # noqa: SIM115 (the answer closes it)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, header, rows in (
            ("journal.csv", _header(say), _rows(book, name)),
            ("trial_balance.csv", _balance_header(say), _balances(book, name)),
        ):
            with archive.open(file, "w") as raw, io.TextIOWrapper(raw, "utf-8-sig") as text:
                writer = csv.writer(text)
                writer.writerow(header)
                writer.writerows([_plain(cell) for cell in row] for row in rows)
    stream.seek(0)
    return stream


def journal_workbook(
    book: BookJournal, *, say: Say, name: Callable[[Account | EntryKind], str]
) -> BinaryIO:
    """A sheet for the journal and one for its trial balance.

    A longer journal goes on in further sheets.
    """
    workbook = Workbook(write_only=True)
    sheet, used, sheets = None, MOST_ROWS, 0
    for row in _rows(book, name):
        if used >= MOST_ROWS:
            sheets += 1
            sheet, used = workbook.create_sheet(f"{say('Journal')} {sheets}"), 1
            sheet.append(_header(say))
        sheet.append([_safe(cell) for cell in row])
        used += 1
    sheet = workbook.create_sheet(say("Trial balance"))
    sheet.append(_balance_header(say))
    for row in _balances(book, name):
        sheet.append(row)
    stream = TemporaryFile()  # noqa: SIM115 (the answer closes it)
    workbook.save(stream)
    stream.seek(0)
    return stream


def _plain(cell: object) -> object:
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else _safe(cell)


def _safe(cell: object) -> object:
    """A text that a spreadsheet would take for a formula is marked as text."""
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{cell}"
    return cell
