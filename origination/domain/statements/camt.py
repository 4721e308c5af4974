"""CAMT.053, the bank-to-customer statement of ISO 20022, in any of its versions.

Elements are read by their names without the namespace, which is all that differs for what is read
here between camt.053.001.02 and .13 (a party's name may stand inside `Pty`). Booked entries only;
an entry with several transactions is a line for each. No document type, no entity, no network.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from origination.domain.statements import values
from origination.domain.statements.lines import BadStatement, LineFault, StatementLine


def is_xml(content: bytes) -> bool:
    """Whether a file is XML by its first bytes."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read_camt(content: bytes) -> tuple[list[StatementLine], list[LineFault]]:
    """The booked lines of a message, or everything that is wrong with it.

    Raises `BadStatement` for what is no statement.
    """
    reader = _Reader()
    found = False
    for statement in _statements(content):
        found = True
        account = _at(statement, "Acct/Id/IBAN") or _at(statement, "Acct/Id/Othr/Id")
        for entry in _all(statement, "Ntry"):
            reader.entry(entry, account)
    if not found:
        raise BadStatement("no_statement")
    if not reader.lines and not reader.faults:
        raise BadStatement("no_lines")
    return reader.lines, reader.faults


def _statements(content: bytes) -> Iterator[Any]:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.parse(io.BytesIO(content.strip()), parser).getroot()
    except etree.XMLSyntaxError as error:
        if "ntity" in str(error):
            raise BadStatement("entities") from error
        raise BadStatement("breaks_off", line=error.lineno or 1) from error
    if root.getroottree().docinfo.doctype or any(
        not isinstance(element.tag, str) for element in root.iter()
    ):
        raise BadStatement("entities")
    yield from (node for node in root.iter() if _name(node) == "Stmt")


def _name(node: Any) -> str:
    return str(etree.QName(node).localname)


def _all(node: Any, path: str) -> list[Any]:
    """Descendants along a path of names."""
    found = [node]
    for name in path.split("/"):
        found = [child for parent in found for child in parent if _name(child) == name]
    return found


def _at(node: Any, path: str) -> str:
    """The text at a path, "" where there is none."""
    found = _all(node, path)
    return (found[0].text or "").strip() if found else ""


class _Reader:
    """Collects lines and faults; `place` counts the entries of the whole message."""

    def __init__(self) -> None:
        self.place = 0
        self.lines: list[StatementLine] = []
        self.faults: list[LineFault] = []

    def entry(self, entry: Any, account: str) -> None:
        """One `Ntry`: a line, or one for each of its transactions."""
        self.place += 1
        if (_at(entry, "Sts/Cd") or _at(entry, "Sts")) != "BOOK":
            return
        before = len(self.faults)
        day = self._day(entry)
        total, currency = self._amount(entry, "Ntry/Amt", "Amt")
        sign = self._sign(entry)
        if len(self.faults) > before or day is None:
            return
        parts = _all(entry, "NtryDtls/TxDtls") or [entry]
        amounts = [total]
        if len(parts) > 1:
            amounts = [
                self._amount(part, "TxDtls/Amt", "Amt", "AmtDtls/TxAmt/Amt")[0] for part in parts
            ]
            if len(self.faults) == before and sum(amounts) != total:
                self._fault("TxDtls/Amt", str(sum(amounts)), "parts")
        if len(self.faults) > before:
            return
        taken_back = _at(entry, "RvslInd") == "true"
        for part, amount in zip(parts, amounts, strict=True):
            line = self._line(entry, part, account, day, sign * amount, currency, taken_back)
            self.lines.append(line)

    def _line(
        self, entry: Any, part: Any, account: str, day: date, amount: int, currency: str,
        taken_back: bool,
    ) -> StatementLine:  # fmt: skip
        side = "Dbtr" if amount > 0 else "Cdtr"
        returned = taken_back or bool(_all(part, "RtrInf"))
        other = f"RltdPties/{side}Acct/Id"
        own = _at(part, "Refs/AcctSvcrRef") or _at(part, "Refs/TxId")
        return StatementLine(
            place=self.place,
            account=account,
            booked_on=day,
            amount_minor=amount,
            currency=currency,
            reference=(own or _at(entry, "AcctSvcrRef") or _at(entry, "NtryRef"))[:64],
            payer_name=(_at(part, f"RltdPties/{side}/Nm") or _at(part, f"RltdPties/{side}/Pty/Nm"))[
                :140
            ],
            payer_account=(_at(part, f"{other}/IBAN") or _at(part, f"{other}/Othr/Id"))[:64],
            remittance=self._remittance(entry, part),
            returns=self._original(part) if returned else "",
            is_return=returned,
        )

    @staticmethod
    def _remittance(entry: Any, part: Any) -> str:
        texts = [(node.text or "").strip() for node in _all(part, "RmtInf/Ustrd")]
        texts += [(node.text or "").strip() for node in _all(part, "RmtInf/Strd/CdtrRefInf/Ref")]
        end_to_end = _at(part, "Refs/EndToEndId")
        texts += [end_to_end] if end_to_end not in ("", "NOTPROVIDED") else []
        texts += [_at(part, "AddtlTxInf"), _at(entry, "AddtlNtryInf")]
        return " ".join(dict.fromkeys(text for text in texts if text))[:400]

    @staticmethod
    def _original(part: Any) -> str:
        """What names the payment that came back: its end-to-end or instruction reference."""
        for path in ("Refs/EndToEndId", "Refs/InstrId", "Refs/MndtId"):
            if (found := _at(part, path)) not in ("", "NOTPROVIDED"):
                return found[:64]
        return ""

    def _day(self, entry: Any) -> date | None:
        text = _at(entry, "BookgDt/Dt") or _at(entry, "BookgDt/DtTm")[:10]
        if not text:
            self._fault("BookgDt", "", "missing")
            return None
        try:
            return values.read_day(text[:10])
        except values.Unreadable as error:
            self._fault("BookgDt", text, error.code)
            return None

    def _amount(self, node: Any, column: str, *paths: str) -> tuple[int, str]:
        found = [element for path in paths for element in _all(node, path)]
        if not found:
            self._fault(column, "", "missing")
            return 0, ""
        text = (found[0].text or "").strip()
        try:
            currency = values.read_currency(found[0].get("Ccy", ""), "")
            figure = format(Decimal(text).normalize(), "f")
            amount = values.read_amount(figure, currency or "XXX")
        except InvalidOperation:
            self._fault(column, text, "no_amount")
            return 0, ""
        except values.Unreadable as error:
            self._fault(column, text, error.code)
            return 0, ""
        if not currency:
            self._fault(f"{column}/@Ccy", "", "no_currency")
        elif amount <= 0:
            self._fault(column, text, "zero_amount")
        return amount, currency

    def _sign(self, entry: Any) -> int:
        text = _at(entry, "CdtDbtInd")
        try:
            return values.read_direction(text)
        except values.Unreadable as error:
            self._fault("CdtDbtInd", text, error.code)
            return 0

    def _fault(self, column: str, value: str, code: str) -> None:
        self.faults.append(LineFault(self.place, column, value[:120], code))
