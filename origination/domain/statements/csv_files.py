"""CSV statements of banks: columns found by their headers, in Chinese or English.

Banks put lines above the header (account, period) and below the last line (totals): the header is
the first of the first 30 lines that names a day and an amount; what follows an empty line or has
neither day nor amount at the end is a footer. UTF-8 or GB 18030; comma, semicolon or tab.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from origination.domain.statements import values
from origination.domain.statements.lines import (
    REFERENCE_LENGTH,
    BadStatement,
    LineFault,
    StatementLine,
)
from tenants.money import DEFAULT_CURRENCY

#: What a column holds → the headers that banks give it (lower case, without spaces).
HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "day": (
        "交易日期", "记账日期", "入账日期", "交易时间", "入账时间", "记账日", "交易日", "日期",
        "bookingdate", "bookeddate", "transactiondate", "postingdate", "date", "bookedon",
    ),
    "amount": ("交易金额", "发生额", "金额", "amount", "transactionamount"),
    "money_in": (
        "贷方发生额", "贷方金额", "收入金额", "收入", "贷方", "转入金额", "credit", "creditamount",
        "moneyin", "paidin", "deposit", "deposits",
    ),
    "money_out": (
        "借方发生额", "借方金额", "支出金额", "支出", "借方", "转出金额", "debit", "debitamount",
        "moneyout", "paidout", "withdrawal", "withdrawals",
    ),
    "direction": (
        "借贷标志", "借贷方向", "收支方向", "收/支", "借贷", "方向", "direction", "creditdebit",
        "creditdebitindicator", "dr/cr", "type",
    ),
    "currency": ("币种", "货币", "currency", "ccy"),
    "account": ("本方账号", "账号", "账户", "帐号", "account", "accountnumber", "iban"),
    "payer_name": (
        "对方户名", "对方名称", "对方账户名称", "对手户名", "付款人名称", "付款人", "counterparty",
        "counterpartyname", "payer", "payername", "name",
    ),
    "payer_account": (
        "对方账号", "对方帐号", "对方账户", "付款人账号", "counterpartyaccount", "payeraccount",
        "counterpartyiban",
    ),
    "remittance": (
        "摘要", "附言", "用途", "备注", "交易附言", "remittance", "remittanceinformation",
        "description", "details", "memo", "purpose", "narrative",
    ),
    "reference": (
        "交易流水号", "流水号", "交易流水", "凭证号", "交易号", "业务编号", "reference",
        "bankreference", "transactionid", "transactionreference",
    ),
    "returns": ("原交易流水号", "原流水号", "originalreference", "returns"),
}  # fmt: skip
_BY_HEADER: Final = {name: field for field, names in HEADERS.items() for name in names}
_HEADER_WITHIN: Final = 30
T = TypeVar("T")
_RETURN_WORDS: Final = ("退票", "退回", "退汇", "冲正", "扣款失败", "return", "reversal", "bounced")


def read_csv(content: bytes, *, account: str = "") -> tuple[list[StatementLine], list[LineFault]]:
    """The lines of a statement, or everything that is wrong with it.

    `account` is used where the file names none. Raises `BadStatement` for what is no statement.
    """
    rows = _rows(_decoded(content))
    start = next((n for n, row in enumerate(rows[:_HEADER_WITHIN]) if _is_header(row)), None)
    if start is None:
        raise BadStatement("no_header")
    header = rows[start]
    reader = _Reader(header, account or _account_above(rows[:start]))
    body = _without_footer(rows[start + 1 :], reader)
    for place, row in enumerate(body, start + 2):
        if any(cell.strip() for cell in row):
            reader.line(place, row)
    if not reader.lines and not reader.faults:
        raise BadStatement("no_lines")
    return reader.lines, reader.faults


def _decoded(content: bytes) -> str:
    if not content.strip():
        raise BadStatement("empty")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadStatement("not_text")


def _rows(text: str) -> list[list[str]]:
    sample = text[:20_000]
    delimiter = max(",\t;", key=sample.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadStatement("breaks_off", line=text.count("\n") + 1) from error


def _plain(header: str) -> str:
    text = re.sub(r"[\s_\-]+", "", header).lower().strip("\ufeff\"'")
    return re.sub(r"[(（][^)）]*[)）]$", "", text)


def _fields(header: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, name in enumerate(header):
        if field := _BY_HEADER.get(_plain(name)):
            found.setdefault(field, []).append(at)
    return found


def _is_header(row: Sequence[str]) -> bool:
    found = _fields(row)
    return "day" in found and bool({"amount", "money_in", "money_out"} & set(found))


def _account_above(rows: Sequence[Sequence[str]]) -> str:
    """The account's number in the lines above the header, if there is one."""
    for row in rows:
        for at, cell in enumerate(row):
            name, _, rest = cell.partition(":") if ":" in cell else cell.partition("：")
            if _BY_HEADER.get(_plain(name)) == "account":
                return (rest or (row[at + 1] if at + 1 < len(row) else "")).strip()
    return ""


def _without_footer(rows: list[list[str]], reader: _Reader) -> list[list[str]]:
    """Rows up to the totals: below the last row that has a day nothing is a line."""
    last = max((n for n, row in enumerate(rows, 1) if reader.has_day(row)), default=len(rows))
    return rows[:last]


class _Reader:
    """Reads rows by the columns of a header and keeps what is wrong with them."""

    def __init__(self, header: Sequence[str], account: str) -> None:
        self.header, self.account = [name.strip() for name in header], account
        self.at = _fields(header)
        self.lines: list[StatementLine] = []
        self.faults: list[LineFault] = []

    def has_day(self, row: Sequence[str]) -> bool:
        at = self.at["day"][0]
        return at < len(row) and any(character.isdigit() for character in row[at])

    def _text(self, row: Sequence[str], field: str) -> str:
        cells = [row[at].strip().strip("\t'") for at in self.at.get(field, [])]
        return " ".join(cell for cell in cells if cell)

    def _column(self, field: str) -> str:
        return self.header[self.at[field][0]] if field in self.at else ""

    def line(self, place: int, row: Sequence[str]) -> None:
        """Read one row."""
        if len(row) != len(self.header) and any(cell.strip() for cell in row[len(self.header) :]):
            self.faults.append(LineFault(place, "", str(len(row)), "ragged"))
            return
        row = [*row, *[""] * (len(self.header) - len(row))]
        before = len(self.faults)
        currency = self._tried(
            place, row, "currency", lambda t: values.read_currency(t, DEFAULT_CURRENCY)
        )
        day = self._tried(place, row, "day", values.read_day, first=True)
        amount = self._amount(place, row, str(currency or DEFAULT_CURRENCY))
        reference = self._text(row, "reference")
        if len(reference) > REFERENCE_LENGTH:
            fault = LineFault(place, self._column("reference"), reference[:120], "too_long")
            self.faults.append(fault)
        if len(self.faults) > before or day is None:
            return
        remittance, returns = self._text(row, "remittance"), self._text(row, "returns")
        bounced = any(word in remittance.lower() for word in _RETURN_WORDS)
        self.lines.append(
            StatementLine(
                place=place,
                account=self._text(row, "account") or self.account,
                booked_on=day,
                amount_minor=amount,
                currency=str(currency),
                reference=reference,
                payer_name=self._text(row, "payer_name")[:140],
                payer_account=self._text(row, "payer_account")[:64],
                remittance=remittance[:400],
                returns=returns[:64],
                is_return=bool(returns) or (amount < 0 and bounced),
            )
        )

    def _tried(
        self,
        place: int,
        row: Sequence[str],
        field: str,
        read: Callable[[str], T],
        first: bool = False,
    ) -> T | None:
        text = row[self.at[field][0]] if first else self._text(row, field)
        try:
            return read(text)
        except values.Unreadable as error:
            self.faults.append(LineFault(place, self._column(field), text[:120], error.code))
            return None

    def _amount(self, place: int, row: Sequence[str], currency: str) -> int:
        """The signed amount, from one column and its direction or from one column each way."""

        def read(text: str) -> int:
            return values.read_amount(text, currency)

        if "amount" in self.at:
            amount = self._tried(place, row, "amount", read)
            sign = 1
            if "direction" in self.at:
                sign = self._tried(place, row, "direction", values.read_direction) or 0
            amount = 0 if amount is None else (abs(amount) * sign if sign < 0 else amount * sign)
            if not amount and not any(fault.place == place for fault in self.faults):
                self._fault(place, row, "amount", "zero_amount")
            return int(amount)
        sides = {"money_in": 0, "money_out": 0}
        for side in sides:
            if self._text(row, side):
                sides[side] = abs(self._tried(place, row, side, read) or 0)
        if all(sides.values()):
            self._fault(place, row, "money_out", "both_sides")
        elif not any(sides.values()) and not any(fault.place == place for fault in self.faults):
            self._fault(place, row, "money_in" if "money_in" in self.at else "money_out", "no_side")
        return sides["money_in"] - sides["money_out"]

    def _fault(self, place: int, row: Sequence[str], field: str, code: str) -> None:
        fault = LineFault(place, self._column(field), self._text(row, field)[:120], code)
        self.faults.append(fault)
