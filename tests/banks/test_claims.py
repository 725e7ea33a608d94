"""From a file of the bank to payments in the books: whose a line is, what it settles, what people decide."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from setoff.banks.claims import (
    assign_line,
    claim_line,
    confirm_lines,
    ignore_line,
    propose_lines,
    proposed_payment,
    restore_line,
    sure_lines,
    unconfirm_line,
)
from setoff.banks.queries import LineFilter, bank_accounts, bank_lines, bank_statements, line_states
from setoff.banks.records import AccountRecord, LineRow, RuleRecord
from setoff.banks.services import add_rule, drop_rule, import_statements, save_account
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.settlements.services import post_document, save_document
from setoff.trade.documents import Line, Payment, Purchase, Sale
from tests.banks.statements import OURS, Told, onec

VEGA = {"name": "ООО Вега", "tax_id": "7702070139"}


@pytest.fixture
def bank(company: Any, actor: Actor) -> Any:
    save_account(company, AccountRecord("MSK", OURS, "RUB", "Сбер"), actor)
    return company


def sale(conn: Any, number: str, amount: str, day: str = "2025-02-01", contract: str = "BUYER", party: str = "VEGA") -> None:
    document = Sale(unit="MSK", date=day, number=number, counterparty=party, contract=contract, lines=[Line(amount=amount)])
    post_document(conn, document, Actor("tester", "test"))


def brought(conn: Any, *lines: Told) -> list[LineRow]:
    import_statements(conn, onec(*lines), "kl.txt", Actor("tester", "test"))
    propose_lines(conn)
    return bank_lines(conn, LineFilter())


def told(row: LineRow) -> str:
    """A proposal in one line: state, confidence, owner, contracts, targets, reasons."""
    if not row.proposal:
        return f"{row.state} {row.confidence}"
    payment = proposed_payment(row)
    rows = payment.rows or [payment]
    parts = [
        f"{part.contract or '-'} {part.amount}" + "".join(f" {t.document.split('/')[-1]}={t.amount}:{t.named_by}" for t in part.targets)
        for part in rows
    ]
    return f"{row.state} {row.confidence} {payment.kind} {payment.counterparty or payment.account} [{'; '.join(parts)}]"


def keys(row: LineRow) -> list[str]:
    return [reason["key"] for reason in row.reasons]


def test_the_owner_by_tax_number_and_the_documents_by_number(bank: Any, actor: Actor) -> None:
    sale(bank, "000123", "100")
    sale(bank, "000124", "250")
    (row,) = brought(bank, Told("+350", **VEGA, purpose="Оплата по с/ф № 123, 124 от 01.02.2025, в т.ч. НДС 20% 58-33"))
    assert told(row) == "proposed 990 payment_from_customer VEGA [BUYER 350.00 000123=100.00:payer 000124=250.00:payer]"
    (done,) = confirm_lines(bank, [row.id], actor)
    assert done.refusal is None
    (row,) = bank_lines(bank, LineFilter())
    assert (row.state, row.document_key, row.decided_by) == ("booked", done.document_key, "tester")
    assert bank.execute("select count(*) from lot where residual <> 0").fetchone() == (0,)
    postings = bank.execute("select item, amount from posting where kind = 'entry' and item <> ''").fetchall()
    assert postings == [("Сбер", 35000)]


def test_the_same_line_is_never_there_twice(bank: Any, actor: Actor) -> None:
    twice = Told("+10", **VEGA, purpose="Оплата")
    first = import_statements(bank, onec(twice, twice), "a.txt", actor)[0]
    assert (first.new_lines, first.known_lines) == (2, 0)
    same = import_statements(bank, onec(twice, twice), "a.txt", actor)[0]
    assert (same.was_known, same.new_lines) == (True, 0)
    more = import_statements(bank, onec(twice, twice, twice, Told("+5", day=date(2025, 3, 11))), "b.txt", actor)[0]
    assert (more.new_lines, more.known_lines) == (2, 2)
    assert [row.amount for row in bank_lines(bank, LineFilter())] == [1000, 1000, 1000, 500]
    mt940 = f":20:X\n:25:{OURS}\n:28C:1\n:60F:C250310RUB0,\n:61:2503100310C10,NTRFNONREF\n:61:2503100310C7,NTRFNONREF\n:62F:C250310RUB17,\n-\n"
    other = import_statements(bank, mt940.encode(), "c.sta", actor)[0]
    assert (other.new_lines, other.known_lines) == (1, 1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (Told("+100", "ООО «ВЕГA»", purpose="за товар по счету 77"), "proposed 940 payment_from_customer VEGA [BUYER 100.00]"),
        (Told("+100", "OOO Vega", purpose="x"), "unclaimed 0"),
        (Told("+100", "Веега ООО", "7702070138", "за товар"), "proposed 965 payment_from_customer VEGA [BUYER 100.00]"),
        (Told("+100", "АО Вега", purpose="аванс"), "proposed 880 payment_from_customer VEGA [BUYER 100.00]"),
        (Told("+100", "ООО Вега", "7728168971", "аванс"), "proposed 700 payment_from_customer SIRIUS [BUYER 100.00]"),
        (Told("+100", "Неизвестный", purpose="за ООО «Вега» по с/ф 1"), "proposed 960 payment_from_customer VEGA [BUYER 100.00 000001=100.00:payer]"),
        (Told("+40", **VEGA, purpose="по накл. 1"), "proposed 970 payment_from_customer VEGA [BUYER 40.00 000001=40.00:payer]"),
        (Told("+100", **VEGA), "proposed 965 payment_from_customer VEGA [BUYER 100.00]"),
        (Told("+30", **VEGA, purpose="оплата"), "proposed 800 payment_from_customer VEGA [BUYER 30.00]"),
        (Told("+30", **VEGA, purpose="по договору BUYER-2"), "proposed 960 payment_from_customer VEGA [BUYER-2 30.00]"),
        (Told("-30", **VEGA, purpose="оплата"), "proposed 600 refund_to_customer VEGA [ 30.00]"),
        (Told("-50", purpose="Комиссия за ведение счета"), "proposed 900 other_out 91.02 [- 50.00]"),
    ],
)  # fmt: skip
def test_whose_a_line_is_and_what_it_settles(bank: Any, actor: Actor, line: Told, expected: str) -> None:
    sale(bank, "000001", "100")
    (row,) = brought(bank, line)
    assert told(row) == expected
