"""Bank statements: read from CSV and CAMT.053, taken once, matched, booked, split, returned."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django_tenants.utils import tenant_context

from origination.domain.statements.camt import read_camt
from origination.domain.statements.csv_files import read_csv
from origination.domain.statements.lines import BadStatement
from origination.models import Lease, LineState, PaymentEvent, Statement, StatementLine
from origination.problems import LineDecided, NotAStatement, PartsInvalid, PaymentsInvalid
from origination.selectors.leases import position_of
from origination.selectors.statements import find_lines, suspense, with_suggestions
from origination.services import book_lines, import_statement, record_payment, set_aside
from origination.services.statements import Decision, Part, take_up_again
from tests.origination.books import AT, load_book

VECTORS = Path(__file__).parent / "vectors"
NOW = AT + timedelta(days=30)
BANK_OF_CHINA = """账号:,6222 0000 1234
起始日期:,2026-01-01
交易日期,记账日期,收入金额,支出金额,币种,对方户名,对方账号,摘要,附言,交易流水号
20260108,2026-01-08,"3,500.00",,人民币,张三,621700001,租金,合同 AN-1,T0001
2026年1月9日,2026-01-09,,12.50,CNY,中国银行,,手续费,,T0002
合计,,"3,500.00",12.50,,,,,,
"""


def test_a_chinese_csv_is_read_by_its_headers_in_either_encoding() -> None:
    for encoding in ("utf-8-sig", "gb18030"):
        lines, faults = read_csv(BANK_OF_CHINA.encode(encoding))
        assert faults == []
        first, fee = lines
        assert (first.place, first.booked_on, first.amount_minor) == (4, date(2026, 1, 8), 350_000)
        assert (first.currency, first.payer_name, first.payer_account) == (
            "CNY",
            "张三",
            "621700001",
        )
        assert (first.remittance, first.reference) == ("租金 合同 AN-1", "T0001")
        assert first.account == "6222 0000 1234"
        assert fee.amount_minor == -1250


def test_an_english_csv_has_a_direction_or_a_sign() -> None:
    lines, faults = read_csv(
        b"Booking Date;Amount;Direction;Counterparty;Description;Reference\n"
        b"2026-01-08;1,000.50;CRDT;Li Si;rent AN-2;R1\n2026/01/09;88;Debit;Li Si;returned;R2\n"
    )
    assert faults == []
    assert [line.amount_minor for line in lines] == [100_050, -8_800]
    assert [line.is_return for line in lines] == [False, True]
    lines, faults = read_csv(b"Date\tAmount (CNY)\tMemo\n2026.1.8\t-5.00\tx\n")
    assert (faults, lines[0].amount_minor) == ([], -500)


def test_a_wrong_csv_names_line_column_value_and_code() -> None:
    lines, faults = read_csv(
        "日期,收入,支出,流水号\n2026-02-30,1.00,,A\n2026-01-02,1.005,,B\n2026-01-02,1,2,C\n"
        "2026-01-02,,,D\n2026-01-02,一百,,E\n"
        f"2026-01-03,1,,{'F' * 65}\n2026-01-03,1,,G,H\n".encode()
    )
    assert lines == []
    assert [(f.place, f.column, f.value, f.code) for f in faults] == [
        (2, "日期", "2026-02-30", "no_date"),
        (3, "收入", "1.005", "fraction"),
        (4, "支出", "2", "both_sides"),
        (5, "收入", "", "no_side"),
        (6, "收入", "一百", "no_amount"),
        (7, "流水号", "F" * 65, "too_long"),
        (8, "", "5", "ragged"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b" \n", "empty"),
        (b"a,b\n1,2\n", "no_header"),
        (b"date,amount\n", "no_lines"),
        (b"\xff\xfe\x00\x01", "not_text"),
        (b'date,amount\n"2026-01-01,5\n', "breaks_off"),
        (b"<Document><Other/></Document>", "no_statement"),
        (b"<Document><Stmt>", "breaks_off"),
        (b'<!DOCTYPE d [<!ENTITY e "x">]><d><Stmt>&e;</Stmt></d>', "entities"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><d><Stmt/></d>', "entities"),
    ],
)
def test_what_is_no_statement_is_said(content, code) -> None:
    with pytest.raises(BadStatement) as caught:
        read_camt(content) if content.startswith(b"<") else read_csv(content)
    assert caught.value.code == code


def test_published_camt_messages_are_read() -> None:
    lines, faults = read_camt((VECTORS / "camt053.v8.xml").read_bytes())
    assert faults == []
    [line] = lines
    assert (line.account, line.booked_on) == ("NL26VAYB8060476890", date(2014, 12, 31))
    assert (line.amount_minor, line.currency, line.payer_name) == (885, "EUR", "NAME NAME")
    assert line.reference == "AAAASESS-FP-CN_98765/01"
    assert "MUELL/FINP/RA12345" in line.remittance
    lines, faults = read_camt((VECTORS / "camt053.v2.multi.statement.xml").read_bytes())
    assert faults == []
    assert [(line.amount_minor, line.payer_account) for line in lines] == [
        (885, ""),  # it names the account's owner only, as the creditor
        (-700, "NL56AGDH9619008421"),
    ]


def camt(*entries: str) -> bytes:
    body = "".join(entries)
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>'
        f"<Acct><Id><IBAN>CN1</IBAN></Id></Acct>{body}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def entry(amount="10.00", side="CRDT", details="", more="<Sts>BOOK</Sts>") -> str:
    return (
        f'<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}'
        f"<BookgDt><Dt>2026-01-08</Dt></BookgDt><AcctSvcrRef>REF</AcctSvcrRef>"
        f"<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def test_a_camt_entry_of_several_transactions_is_a_line_each_and_they_add_up() -> None:
    parts = "".join(
        f'<TxDtls><AmtDtls><TxAmt><Amt Ccy="CNY">{amount}</Amt></TxAmt></AmtDtls></TxDtls>'
        for amount in ("4.00", "6.00")
    )
    lines, faults = read_camt(camt(entry(details=parts), entry(more="<Sts>PDNG</Sts>")))
    assert ([line.amount_minor for line in lines], faults) == ([400, 600], [])
    lines, faults = read_camt(camt(entry("11.00", details=parts), entry("x"), entry(side="?")))
    assert lines == []
    assert [(f.place, f.column, f.code) for f in faults] == [
        (1, "TxDtls/Amt", "parts"),
        (2, "Ntry/Amt", "no_amount"),
        (3, "CdtDbtInd", "direction"),
    ]


def test_a_returned_debit_names_the_payment_that_came_back() -> None:
    details = (
        "<TxDtls><Refs><EndToEndId>E2E-7</EndToEndId></Refs><RtrInf><Rsn><Cd>AM04</Cd></Rsn>"
        "</RtrInf></TxDtls>"
    )
    [line], _ = read_camt(camt(entry(side="DBIT", details=details)))
    assert (line.amount_minor, line.is_return, line.returns) == (-1000, True, "E2E-7")


@pytest.fixture
def book(cast):
    load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.anda):
        yield cast.back_office


def late_leases(count=3) -> list[tuple[Lease, int]]:
    found = []
    for lease in Lease.objects.all():
        state = position_of(lease, as_of=NOW.date(), known_at=NOW).allocation.state
        if state.arrears_minor and not state.settled_on:
            found.append((lease, state.arrears_minor))
    return found[:count]


def csv_of(*rows: str) -> bytes:
    header = "日期,金额,对方户名,对方账号,附言,流水号,原流水号"
    return "\n".join([header, *rows, ""]).encode()


def suggested(line: StatementLine):
    return with_suggestions([line], as_of=NOW.date(), known_at=NOW)[0]


def test_a_statement_is_taken_once_matched_booked_and_its_return_reverses(book) -> None:
    (lease, owed), (other, _), *_ = late_leases()
    content = csv_of(
        f"2026-01-20,{owed / 100},{lease.lessee_name},ACC-1,租金 {lease.contract_number},T1,",
        "2026-01-20,77.77,某某公司,,货款,T2,",
    )
    given = {"content": content, "file_name": "jan.csv", "by": book.pk, "at": NOW}
    first, again = import_statement(**given), import_statement(**given)
    assert (first.taken, again.taken, again.known, again.statement) == (2, 0, 2, None)
    assert Statement.objects.count() == 1
    [waiting] = suspense()
    assert (waiting.lines, waiting.minor) == (2, owed + 7777)

    line = StatementLine.objects.get(reference="T1")
    found = suggested(line)
    assert found.is_safe
    assert found.best.rid == str(lease.rid)
    assert found.best.reasons == ("contract", "name", "owed")
    assert not suggested(StatementLine.objects.get(reference="T2")).is_safe

    book_lines(decisions=[Decision(line, [Part(lease, owed)])], by=book.pk, at=NOW)
    position = position_of(lease, as_of=NOW.date(), known_at=NOW)
    assert position.allocation.state.arrears_minor == 0
    assert [one.reference for one in find_lines()] == ["T2"]
    with pytest.raises(LineDecided):
        book_lines(decisions=[Decision(line, [Part(lease, owed)])], by=book.pk, at=NOW)

    later = csv_of(f"2026-01-25,-{owed / 100},{lease.lessee_name},ACC-1,退票,T3,T1")
    import_statement(content=later, file_name="back.csv", by=book.pk, at=NOW)
    back = StatementLine.objects.get(reference="T3")
    best = suggested(back).best
    assert (best.kind, best.reverses, best.is_safe) == ("reversal", "T1", True)
    part = Part(lease, owed, "reversal", "T1")
    book_lines(decisions=[Decision(back, [part])], by=book.pk, at=NOW)
    assert position_of(lease, as_of=NOW.date(), known_at=NOW).allocation.state.arrears_minor == owed
    # the account is known for this lease from now on
    import_statement(
        content=csv_of(f"2026-01-26,{owed / 100},,ACC-1,,T4,"),
        file_name="c.csv", by=book.pk, at=NOW,
    )  # fmt: skip
    best = suggested(StatementLine.objects.get(reference="T4")).best
    assert (best.rid, best.reasons) == (str(lease.rid), ("account", "owed"))
    assert other != lease


def test_one_line_is_split_over_several_leases_or_not_at_all(book) -> None:
    (one, _), (two, _), *_ = late_leases()
    import_statement(
        content=csv_of("2026-01-20,300.00,车队公司,F-1,两台车租金,S1,"),
        file_name="s.csv", by=book.pk, at=NOW,
    )  # fmt: skip
    line, before = StatementLine.objects.get(), PaymentEvent.objects.count()
    wrong = [
        [Part(one, 10_000), Part(two, 10_000)],
        [Part(one, 15_000), Part(one, 15_000)],
        [Part(one, 40_000), Part(two, -10_000)],
        [Part(one, 10_000), Part(two, 20_000, "refund")],
    ]
    for parts in wrong:
        with pytest.raises(PartsInvalid):
            book_lines(decisions=[Decision(line, parts)], by=book.pk, at=NOW)
    assert PaymentEvent.objects.count() == before
    parts = [Part(one, 10_000), Part(two, 20_000)]
    book_lines(decisions=[Decision(line, parts)], by=book.pk, at=NOW)
    amounts = PaymentEvent.objects.filter(bank_reference="S1").values_list("amount_minor")
    assert sorted(amounts) == [(10_000,), (20_000,)]


def test_wrong_statements_are_named_and_leave_nothing(book) -> None:
    content = csv_of("2026-13-20,5,,,,A,", f"{NOW.date() + timedelta(days=1)},5,,,,B,")
    with pytest.raises(NotAStatement) as caught:
        import_statement(content=content, file_name="x.csv", by=book.pk, at=NOW)
    assert [(e.field, e.code) for e in caught.value.errors] == [
        ("[2].日期 «2026-13-20»", "no_date"),
        (f"[3] «{NOW.date() + timedelta(days=1)}»", "in_the_future"),
    ]
    assert not Statement.objects.exists()


def test_a_line_is_set_aside_and_taken_up_again(book) -> None:
    import_statement(
        content=csv_of("2026-01-20,-3.00,银行,,手续费,Z1,"), file_name="z.csv", by=book.pk, at=NOW
    )
    line = StatementLine.objects.get()
    set_aside(line=line, reason="Bank fee", by=book.pk, at=NOW)
    with pytest.raises(LineDecided):
        set_aside(line=line, reason="again", by=book.pk, at=NOW)
    assert suspense() == []
    take_up_again(line=line)
    assert StatementLine.objects.get().state == LineState.OPEN


def test_a_line_that_was_booked_by_hand_is_not_suggested_again(book) -> None:
    [(lease, owed), *_] = late_leases()
    record_payment(
        lease=lease, amount_minor=owed, effective_on=date(2026, 1, 20), bank_reference="H1", at=NOW
    )
    import_statement(
        content=csv_of(f"2026-01-20,{owed / 100},{lease.lessee_name},,{lease.contract_number},H1,"),
        file_name="h.csv", by=book.pk, at=datetime(2026, 2, 20, tzinfo=NOW.tzinfo),
    )  # fmt: skip
    assert suggested(StatementLine.objects.get()).best is None


def test_a_refund_is_paid_out_of_credit_only(book) -> None:
    [(lease, owed), *_] = late_leases()
    line = {"lease": lease, "effective_on": NOW.date(), "at": NOW, "kind": "refund"}
    with pytest.raises(PaymentsInvalid) as caught:
        record_payment(**line, amount_minor=1, bank_reference="R1")
    assert [(e.field, e.code) for e in caught.value.errors] == [
        ("[1].amount_minor", "refund_beyond_credit")
    ]
    paid = line | {"kind": "rent"}
    record_payment(**paid, amount_minor=owed + 500, bank_reference="P1")
    record_payment(**line, amount_minor=500, bank_reference="R2")
    state = position_of(lease, as_of=NOW.date(), known_at=NOW).allocation.state
    assert (state.arrears_minor, state.credit_minor, state.refunded_minor) == (0, 0, 500)
