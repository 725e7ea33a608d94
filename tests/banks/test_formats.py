"""Bank files of every format: what they give, where they are refused. Samples of others are walked where they are at hand."""

from __future__ import annotations

import json
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from setoff.banks.formats import read_statements, recognise_format
from setoff.banks.statement import Statement
from setoff.core.errors import DomainError
from setoff.core.money import format_amount

SAMPLES = Path(os.environ.get("SETOFF_SHARED", Path(__file__).parents[3] / "shared")) / "samples" / "bank"

ONEC = """1CClientBankExchange
ВерсияФормата=1.03
Кодировка={encoding}
ДатаНачала=01.02.2025
ДатаКонца=28.02.2025
РасчСчет=40702810000000000001
РасчСчет=40702810000000000002
СекцияРасчСчет
ДатаНачала=01.02.2025
РасчСчет=40702810000000000001
НачальныйОстаток=100.00
КонечныйОстаток=150,50
КонецРасчСчет
СекцияДокумент=Платежное поручение
Номер=7
Дата=03.02.2025
Сумма=80.50
ПлательщикСчет=40702810500000000009
ДатаПоступило=04.02.2025
Плательщик=ИНН 7702070139 ООО «Вега»
ПлательщикИНН=7702070139
ПлательщикКПП=770201001
ПлательщикБИК=044525225
ПолучательСчет=40702810000000000001
ПолучательИНН=7707083893
НазначениеПлатежа1=Оплата по счёту 12
НазначениеПлатежа2=от 01.02.2025
КонецДокумента
СекцияДокумент=Платежное поручение
Номер=8
Дата=05.02.2025
Сумма=30
ДатаСписано=05.02.2025
ПлательщикСчет=40702810000000000001
ДатаПоступило=06.02.2025
ПолучательСчет=40702810000000000002
Получатель1=ООО «Ромашка»
НазначениеПлатежа=Перевод собственных средств
КонецДокумента
КонецФайла
"""

CAMT = """<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"><BkToCstmrAcctRpt><Rpt>
<Acct><Id><IBAN>NL26VAYB8060476890</IBAN></Id><Ccy>EUR</Ccy></Acct>
{balances}{entries}
</Rpt></BkToCstmrAcctRpt></Document>"""
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}<Sts><Cd>{status}</Cd></Sts>
<BookgDt><Dt>2025-02-03</Dt></BookgDt><AcctSvcrRef>R1</AcctSvcrRef>{details}</Ntry>"""
MT940 = """:20:ONE
:25:NL71RABO0123456789
:28C:1/1
:60F:C250102EUR100,00
{lines}:62F:C250103EUR90,00
-
"""


def onec(encoding: str, codec: str) -> list[Statement]:
    return read_statements(ONEC.format(encoding=encoding).encode(codec), "kl_to_1c.txt")


def camt(entries: str, balances: str = "") -> Statement:
    (statement,) = read_statements(CAMT.format(entries=entries, balances=balances).encode(), "camt.xml")
    return statement


def entry(amount: str = "10.00", side: str = "CRDT", **parts: str) -> str:
    return ENTRY.format(amount=amount, side=side, **{"more": "", "status": "BOOK", "details": "", **parts})


def details(*amounts: str) -> str:
    parts = [f'<TxDtls><Amt Ccy="EUR">{amount}</Amt><RltdPties><Dbtr><Nm>D{amount}</Nm></Dbtr></RltdPties></TxDtls>' for amount in amounts]
    return f"<NtryDtls>{''.join(parts)}</NtryDtls>"


@pytest.mark.parametrize(("encoding", "codec"), [("Windows", "cp1251"), ("DOS", "cp866"), ("Windows", "utf-8-sig"), ("UTF-8", "utf-8")])
def test_the_text_format_in_every_encoding(encoding: str, codec: str) -> None:
    text = ONEC.replace("«", '"').replace("»", '"') if codec == "cp866" else ONEC
    first, second = read_statements(text.format(encoding=encoding).encode(codec), "file")
    assert (first.account, first.currency, first.opening_minor, first.closing_minor) == ("40702810000000000001", "RUB", 10000, 15050)
    assert (first.first_day, first.last_day, first.tax_id) == (date(2025, 2, 1), date(2025, 2, 28), "7707083893")
    received, sent = first.lines
    assert received[:7] == (
        date(2025, 2, 4), date(2025, 2, 4), 8050, text[text.index("ООО"): text.index("ООО") + 10], "7702070139", "770201001",
        "40702810500000000009",
    )  # fmt: skip
    assert (received.bic, received.purpose, received.end_to_end) == ("044525225", "Оплата по счёту 12 от 01.02.2025", "7")
    assert (sent.amount_minor, sent.booking_date) == (-3000, date(2025, 2, 5))
    assert first.findings == ()
    assert [(line.amount_minor, line.booking_date) for line in second.lines] == [(3000, date(2025, 2, 6))]
    assert (received.debited, sent.debited, second.lines[0].debited) == (None, None, date(2025, 2, 5))
    assert [finding.key for finding in second.findings] == ["balance-missing"]


def test_daily_sections_of_an_account_are_one_statement_and_a_jump_is_told() -> None:
    again = (
        "СекцияРасчСчет\nДатаНачала=05.02.2025\nРасчСчет=40702810000000000001\n"
        "НачальныйОстаток=151\nКонечныйОстаток=150.50\nКонецРасчСчет\n"
    )
    text = ONEC.replace("КонецРасчСчет\n", "КонецРасчСчет\n" + again, 1).format(encoding="Windows")
    statement = read_statements(text.encode(), "file")[0]
    assert (statement.opening_minor, statement.closing_minor) == (10000, 15050)
    assert [finding.key for finding in statement.findings] == ["balance-jumps"]


@pytest.mark.parametrize(
    ("before", "after", "refusal"),
    [
        ("Сумма=80.50", "Сумма=80.5.0", "statement_value_invalid 14 Сумма 80.5.0"),
        ("Сумма=80.50", "Сумма=", "statement_field_missing 14 Сумма "),
        ("ДатаПоступило=04.02.2025", "ДатаПоступило=31.02.2025", "statement_value_invalid 14 ДатаПоступило 31.02.2025"),
        ("КонецФайла", "", "statement_field_missing 40 КонецФайла "),
    ],
)
def test_a_bad_text_file_says_the_line_and_the_field(before: str, after: str, refusal: str) -> None:
    with pytest.raises(DomainError) as raised:
        read_statements(ONEC.format(encoding="Windows").replace(before, after).encode(), "file")
    facts = raised.value.facts
    assert f"{raised.value.code} {facts['place']} {facts['field']} {facts.get('value', '')}" == refusal


def test_a_batch_is_divided_when_its_parts_sum() -> None:
    divided = camt(entry("10.00", details=details("3.50", "6.50")))
    assert [(line.amount_minor, line.name, line.reference) for line in divided.lines] == [(350, "D3.50", "R1"), (650, "D6.50", "R1")]
    whole = camt(entry("10.00", details=details("3.50", "6.00")))
    assert [line.amount_minor for line in whole.lines] == [1000]
    assert [finding.key for finding in whole.findings] == ["batch-differs", "balance-missing"]


def test_pending_entries_are_told_apart_and_do_not_count_in_the_balance() -> None:
    balance = (
        "<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{}</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
        "<Dt><Dt>2025-02-03</Dt></Dt></Bal>"
    )
    statement = camt(entry() + entry("99", status="PDNG"), balance.format("OPBD", "5") + balance.format("CLBD", "15"))
    assert [line.pending for line in statement.lines] == [False, True]
    assert statement.findings == ()


def test_a_reversal_keeps_the_roles_of_what_it_takes_back() -> None:
    parties = "<Dbtr><Nm>We</Nm></Dbtr><Cdtr><Nm>Supplier</Nm></Cdtr>"
    block = f"<NtryDtls><TxDtls><RltdPties>{parties}</RltdPties></TxDtls></NtryDtls>"
    reversed_ = camt(entry(more="<RvslInd>true</RvslInd>", details=block)).lines[0]
    assert (reversed_.name, reversed_.amount_minor, reversed_.reversal) == ("Supplier", 1000, True)
    returned = block.replace("<RltdPties>", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf><RltdPties>")
    line = camt(entry(details=returned)).lines[0]
    assert (line.name, line.reversal, line.purpose) == ("Supplier", True, "AC04")
    assert camt(entry(details=block)).lines[0].name == "We"


@pytest.mark.parametrize(
    ("entries", "code", "field"),
    [
        (entry("1,2,3"), "statement_value_invalid", "Amt"),
        (entry(side="BOTH"), "statement_value_invalid", "CdtDbtInd"),
        (entry().replace("2025-02-03", "2025-02-30"), "statement_value_invalid", "BookgDt"),
        (entry().replace("EUR", "USD"), "statement_value_invalid", "Amt/@Ccy"),
    ],
)
def test_a_bad_entry_says_its_line_and_element(entries: str, code: str, field: str) -> None:
    with pytest.raises(DomainError) as raised:
        camt(entries)
    assert (raised.value.code, raised.value.facts["field"], raised.value.facts["place"]) == (code, field, "Ntry:4")


@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', "<!DOCTYPE x>"],
)
def test_xml_with_a_document_type_is_refused(doctype: str) -> None:
    content = CAMT.format(entries=entry(), balances="").replace("<Document", doctype + "<Document", 1)
    with pytest.raises(DomainError, match="file_unreadable"):
        read_statements(content.encode(), "camt.xml")


def mt940(*lines: str) -> Statement:
    (statement,) = read_statements(MT940.format(lines="".join(line + "\n" for line in lines)).encode(), "mt940.sta")
    return statement


def test_mt940_marks_dates_and_references() -> None:
    statement = mt940(":61:2501021231D10,NTRFINV-1//BANK7", ":61:250103RC5,5NTRFNONREF", ":61:250103RD5,50NMSC")
    assert [(line.amount_minor, line.reversal) for line in statement.lines] == [(-1000, False), (-550, True), (550, True)]
    first = statement.lines[0]
    assert (first.booking_date, first.value_date) == (date(2024, 12, 31), date(2025, 1, 2))
    assert (first.reference, first.end_to_end) == ("BANK7", "INV-1")
    early = mt940(":61:2502070210C10,NTRFI-2", ":61:2502100207C10,NTRFI-3", ":61:2502070210D10,NTRFI-4", ":61:2502070210RD10,NTRFI-5")
    assert [line.debited for line in early.lines] == [date(2025, 2, 7), None, None, None]
    assert statement.findings == ()


@pytest.mark.parametrize(
    ("information", "name", "account", "purpose"),
    [
        ("166?00GUTSCHRIFT?20Rechnung 12?21 vom 1.2.?30DEUTDEFF?31DE02120300000000202051?32Huber?33GmbH", "Huber GmbH",
         "DE02120300000000202051", "Rechnung 12 vom 1.2."),
        ("/EREF/E1/BENM//NAME/Jansen BV/REMI/Factuur 12/ISDT/2025-01-02", "Jansen BV", "", "Factuur 12"),
        ("/TRTP/SEPA/IBAN/NL26VAYB8060476890/BIC/VAYBNL2A/NAME/De Vries/REMI/USTD//12 en 13/EREF/NOTPROVIDED", "De Vries",
         "NL26VAYB8060476890", "12 en 13"),
        ("货款 发票12", "", "", "货款 发票12"),
    ],
)  # fmt: skip
def test_mt940_information_in_its_layouts(information: str, name: str, account: str, purpose: str) -> None:
    line = mt940(":61:250102D10,NTRFNONREF", f":86:{information}").lines[0]
    assert (line.name, line.account, line.purpose) == (name, account, purpose)


@pytest.mark.parametrize(
    ("line", "place"),
    [(":61:250102X10,NTRF", "5"), (":61:251302D10,NTRF", "5"), (":61:2501021340D10,NTRF", "5"), (":61:250102D,NTRF", "5")],
)
def test_a_bad_mt940_says_the_line(line: str, place: str) -> None:
    with pytest.raises(DomainError, match="statement_value_invalid") as raised:
        mt940(line)
    assert raised.value.facts["place"] == place


def test_what_is_no_bank_file_is_told() -> None:
    for content in (b"", b"type,amount\n1,2\n", b"<Invoice/>", b"%PDF-1.7", b"PK\x03\x04"):
        assert recognise_format(content) is None
        with pytest.raises(DomainError, match="statement_unknown_format"):
            read_statements(content, "x")


# Samples of others -------------------------------------------------------------------------------------------------------


def expected() -> dict[str, Any]:
    return json.loads((SAMPLES / "expected.json").read_text()) if SAMPLES.is_dir() else {}


def minor(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no samples at hand")
def test_every_sample_is_known() -> None:
    assert {path.name for path in SAMPLES.iterdir()} - {"expected.json"} == set(expected())


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no samples at hand")
@pytest.mark.parametrize("name", sorted(expected()))
def test_a_sample_reads_as_its_facts_say(name: str) -> None:
    facts = expected()[name]
    statements = read_statements((SAMPLES / name).read_bytes(), name)

    def money(statement: Statement, amount: int | None) -> Decimal | None:
        return None if amount is None else Decimal(format_amount(amount, statement.currency))

    if facts["syntax"] == "CAMT":
        assert [statement.account for statement in statements] == [found["account"] for found in facts["statements"]]
        for statement, found in zip(statements, facts["statements"], strict=True):
            sums = {sign: sum(line.amount_minor for line in statement.lines if (line.amount_minor > 0) == (sign > 0)) for sign in (1, -1)}
            assert money(statement, sums[1]) == Decimal(found["credit_sum"])
            assert money(statement, -sums[-1]) == Decimal(found["debit_sum"])
            stated = {b["type"]: b["amount"] for b in found["balances"] if b["currency"] == statement.currency}
            opening = money(statement, statement.opening_minor)
            assert opening is None or opening == minor(stated.get("OPBD") or stated["PRCD"])
            assert ("CLBD" in stated) == (statement.closing_minor is not None)
    elif facts["syntax"] == "MT940":
        assert [statement.account for statement in statements] == [account.replace(" ", "") for account in facts["accounts"]]
        assert [money(statement, statement.opening_minor) for statement in statements] == [minor(text[10:]) for text in facts["opening"]]
        assert [money(statement, statement.closing_minor) for statement in statements] == [minor(text[10:]) for text in facts["closing"]]
        assert sum(len(statement.lines) for statement in statements) == facts["entries"]
    else:
        (statement,) = statements
        assert (statement.account, len(statement.lines)) == (facts["account"], facts["documents"])
        assert sum(abs(line.amount_minor) for line in statement.lines) == minor(facts["document_sum"]) * 100
        assert money(statement, statement.opening_minor) == minor(facts["opening"])
