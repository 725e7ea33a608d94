"""Files of payment orders: what a bank's schema and its checks ask of them, and the same said again by our own reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
from lxml import etree
from stdnum import iban as iban_number

from setoff.banks.formats import read_statements
from setoff.banks.orders import PAIN, Order, OrderFormat, Side, format_of, order_file, sepa_reference
from setoff.core.errors import DomainError
from setoff.core.money import format_amount
from setoff.demo.bank_story import iban, russian_account

CREATED = datetime(2025, 3, 9, 10, 30, 15)
DAY, NEXT = date(2025, 3, 10), date(2025, 3, 11)
HOUSE = Side("Kestrel & Söhne GmbH", iban("DE", "370400440532013000"), "COBADEFFXXX", "DE123456788")
LONDON = Side("Alder <Tools> Ltd", "GB82WEST12345698765432", "MIDLGB22XXX")
NO_IBAN = Side("Haida 海达", "6222021001112223", "")
MOSCOW = Side("ООО «Ромашка»", russian_account("RUB", 1), "044525225", "7707083893", "770701001", "Сбер", "30101810400000000225")
METALL = Side("АО «Металлсервис»", russian_account("RUB", 2), "044525225", "7736050003", "773601001", "Сбер", "30101810400000000225")


def european(number: str, amount: int, payee: Side = LONDON, day: date = DAY, currency: str = "EUR") -> Order:
    return Order(number, day, amount, currency, HOUSE, payee, f"Invoice {number}\n& more")


EUROPEAN = (european("000017", 150000), european("000018", 5), european("000019", 99, NO_IBAN), european("000020", 1, day=NEXT))


def pain(*orders: Order, message_id: str = "SETOFF-1") -> etree._Element:
    return etree.fromstring(order_file(orders, "pain001", CREATED, message_id))


def texts(element: etree._Element, path: str) -> list[str]:
    """Texts under a path of short names."""
    found = element.iterfind("/".join(f"{{{PAIN}}}{name}" for name in path.split("/")))
    return [one.text or "" for one in found]


def names(element: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in element]


def parts(element: etree._Element, name: str) -> list[etree._Element]:
    return list(element.iter(f"{{{PAIN}}}{name}"))


def test_the_message_has_the_order_of_elements_that_the_schema_wants() -> None:
    root = pain(*EUROPEAN)
    assert (etree.QName(root).namespace, etree.QName(root).localname) == (PAIN, "Document")
    (initiation,) = root
    assert names(initiation) == ["GrpHdr", "PmtInf", "PmtInf"]
    assert names(initiation[0]) == ["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"]
    block = initiation[1]
    head = ["PmtInfId", "PmtMtd", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt"]
    assert names(block) == [*head, "CdtTrfTxInf", "CdtTrfTxInf", "CdtTrfTxInf"]
    transfers = parts(block, "CdtTrfTxInf")
    assert names(transfers[0]) == ["PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"]
    assert names(transfers[2]) == ["PmtId", "Amt", "Cdtr", "CdtrAcct", "RmtInf"]
    assert texts(root, "CstmrCdtTrfInitn/GrpHdr/CreDtTm") == ["2025-03-09T10:30:15"]
    assert texts(root, "CstmrCdtTrfInitn/PmtInf/ReqdExctnDt/Dt") == ["2025-03-10", "2025-03-11"]
    assert texts(root, "CstmrCdtTrfInitn/PmtInf/PmtMtd") == ["TRF", "TRF"]


def test_counts_and_sums_are_those_of_the_transfers() -> None:
    root = pain(*EUROPEAN)
    header = parts(root, "GrpHdr")[0]
    for counted in (root, *parts(root, "PmtInf")):
        amounts = [Decimal(amount.text or "") for amount in parts(counted, "InstdAmt")]
        stated = header if counted is root else counted
        assert texts(stated, "NbOfTxs") == [str(len(amounts))]
        assert [Decimal(text) for text in texts(stated, "CtrlSum")] == [sum(amounts)]
    assert [(amount.text, amount.get("Ccy")) for amount in parts(root, "InstdAmt")] == [
        ("1500.00", "EUR"), ("0.05", "EUR"), ("0.99", "EUR"), ("0.01", "EUR"),
    ]  # fmt: skip


def test_amounts_of_two_currencies_are_not_summed() -> None:
    root = pain(european("1", 100), european("2", 300, currency="JPY"))
    assert texts(root, "CstmrCdtTrfInitn/GrpHdr/CtrlSum") == []
    assert texts(root, "CstmrCdtTrfInitn/PmtInf/CtrlSum") == ["1.00", "300"]
    assert [(amount.text, amount.get("Ccy")) for amount in parts(root, "InstdAmt")] == [("1.00", "EUR"), ("300", "JPY")]


def test_numbers_of_the_message_are_short_and_different() -> None:
    root = pain(*EUROPEAN, message_id="SETOFF-20250309103015-" + "7" * 30)
    ids = [text for name in ("MsgId", "PmtInfId", "EndToEndId") for text in (part.text or "" for part in parts(root, name))]
    assert all(0 < len(text) <= 35 for text in ids)
    assert len({part.text for part in parts(root, "PmtInfId")}) == 2
    assert [part.text for part in parts(root, "EndToEndId")] == [order.number for order in EUROPEAN]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("ПП-1/№7", "PP-1/.7"), ("Щебень юг", "SHCHeben iug"), ("/a//b/", "a/b"), ("", "NOTPROVIDED"), ("7" * 40, "7" * 35),
        ("付款-3", "..-3"),
    ],
)
def test_references_hold_signs_that_every_bank_takes(said: str, written: str) -> None:
    assert sepa_reference(said) == written
    assert [part.text for part in parts(pain(european(said, 100)), "EndToEndId")] == [written]


def test_who_pays_and_who_is_paid() -> None:
    root = pain(*EUROPEAN)
    assert texts(root, "CstmrCdtTrfInitn/PmtInf/Dbtr/Nm") == [HOUSE.name] * 2
    assert texts(root, "CstmrCdtTrfInitn/PmtInf/DbtrAcct/Id/IBAN") == [HOUSE.account] * 2
    assert all(iban_number.is_valid(part.text or "") for part in parts(root, "IBAN"))
    transfer = parts(root, "CdtTrfTxInf")[2]
    assert (texts(transfer, "Cdtr/Nm"), texts(transfer, "CdtrAcct/Id/Othr/Id")) == ([NO_IBAN.name], [NO_IBAN.account])
    assert texts(parts(root, "CdtTrfTxInf")[0], "Cdtr/Nm") == ["Alder <Tools> Ltd"]
    assert {part.text for part in parts(root, "Ustrd")} == {f"Invoice {order.number} & more" for order in EUROPEAN}


def test_the_file_says_its_charset() -> None:
    content = order_file(EUROPEAN, "pain001", CREATED, "M")
    assert content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert "Söhne" in content.decode("utf-8") and "海达" in content.decode("utf-8")


def russian(number: str, amount: int, purpose: str) -> Order:
    return Order(number, DAY, amount, "RUB", MOSCOW, METALL, purpose)


def test_our_own_reader_reads_the_orders_of_a_russian_bank() -> None:
    orders = [russian("000017", 123456, "Оплата по с/ф 8\nв т.ч. НДС 20% — 205-76"), russian("000018", 5, "по договору № 7")]
    content = order_file(orders, "1c", CREATED, "M")
    (statement,) = read_statements(content, "orders.txt")
    assert (statement.account, statement.currency) == (MOSCOW.account, "RUB")
    told = [(line.booking_date, line.amount_minor, line.tax_id, line.kpp, line.account, line.bic) for line in statement.lines]
    assert told == [(DAY, -order.amount_minor, METALL.tax_id, METALL.kpp, METALL.account, METALL.bic) for order in orders]
    assert [line.name for line in statement.lines] == [METALL.name, METALL.name]
    assert [line.purpose for line in statement.lines] == ["Оплата по с/ф 8 в т.ч. НДС 20% — 205-76", "по договору № 7"]


def test_a_russian_file_is_laid_out_as_the_exchange_wants() -> None:
    text = order_file([russian("000017", 123456, "Оплата\nОчередность=1")], "1c", CREATED, "M").decode("cp1251")
    lines = text.split("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert (lines[0], lines[-2:]) == ("1CClientBankExchange", ["КонецФайла", ""])
    assert {"ВерсияФормата=1.03", "Кодировка=Windows", "ДатаСоздания=09.03.2025", f"РасчСчет={MOSCOW.account}", "Номер=17",
            "Сумма=1234.56", "Очередность=5"} <= set(lines)  # fmt: skip
    assert "Очередность=1" not in lines
    for form in ("1c", "pain001"):
        assert format_of({"1c": MOSCOW, "pain001": HOUSE}[form].account) == form


def refused() -> Iterator[tuple[OrderFormat, Order, str]]:
    good = russian("1", 100, "x")
    yield "1c", good._replace(purpose=" "), "payment_details_missing"
    yield "1c", good._replace(purpose="x" * 211), "payment_details_invalid"
    yield "1c", good._replace(payee=METALL._replace(bic="")), "payment_details_missing"
    yield "1c", good._replace(payee=METALL._replace(bic="044525974")), "payment_details_invalid"
    yield "1c", good._replace(payee=METALL._replace(tax_id="7736050004")), "payment_details_invalid"
    other = european("1", 100)
    yield "pain001", other._replace(payee=LONDON._replace(account="GB82WEST12345698765433")), "payment_details_invalid"
    yield "pain001", other._replace(payee=LONDON._replace(bic="MIDL")), "payment_details_invalid"
    yield "pain001", other._replace(payee=LONDON._replace(name="x" * 141)), "payment_details_invalid"
    yield "pain001", other._replace(payee=LONDON._replace(account="")), "payment_details_missing"


@pytest.mark.parametrize(("form", "order", "code"), list(refused()))
def test_what_a_bank_would_refuse_is_refused_before(form: OrderFormat, order: Order, code: str) -> None:
    with pytest.raises(DomainError, match=code):
        order_file([order], form, CREATED, "M")


def test_the_sum_of_many_small_orders_is_exact() -> None:
    orders = [european(str(number), 10 + number) for number in range(1, 301)]
    root = pain(*orders)
    total = sum(order.amount_minor for order in orders)
    assert texts(root, "CstmrCdtTrfInitn/GrpHdr/CtrlSum") == [format_amount(total, "EUR")]
