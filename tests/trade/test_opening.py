"""Balances brought in: one row per rule and per refusal (spec 2.5)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from setoff.core.fact import Nature
from setoff.trade.documents import OpeningBalance, OpeningRow
from setoff.trade.registry import facts
from tests.trade.stage import cast_directory, refused, tell


def row(**fields: Any) -> OpeningRow:
    known = {"counterparty": "VEGA", "contract": "BUYER", "number": "17", "date": "2024-11-05", "amount": "500", **fields}
    return OpeningRow(**known)


def opening(kind: Any, *rows: OpeningRow, **fields: Any) -> OpeningBalance:
    return OpeningBalance(kind=kind, rows=list(rows), **{"unit": "MSK", "date": "2025-01-01", **fields})


SUPPLIER = {"counterparty": "METALL", "contract": "SUPPLIER"}


@pytest.mark.parametrize(
    ("kind", "fields", "stated", "entry"),
    [
        ("customer_debts", {}, "500.00", "#1 000 500.00"),
        ("customer_advances", {}, "-500.00", "000 #1 500.00"),
        ("supplier_debts", SUPPLIER, "-500.00", "000 #1 500.00"),
        ("supplier_advances", SUPPLIER, "500.00", "#1 000 500.00"),
        ("other_debts", {"counterparty": "IVANOV", "contract": "OTHER"}, "500.00", "#1 000 500.00"),
        ("other_advances", {"counterparty": "IVANOV", "contract": "OTHER"}, "-500.00", "000 #1 500.00"),
        ("other_debts", {"counterparty": "IVANOV", "contract": "LOAN"}, "-500.00", "000 #1 500.00"),
        ("other_debts", {"counterparty": "IVANOV", "contract": "LOAN-GRANTED"}, "500.00", "#1 000 500.00"),
        ("other_debts", {"counterparty": "METALL", "contract": "OTHER-SUPPLIER"}, "-500.00", "000 #1 500.00"),
        ("other_debts", {"counterparty": "METALL", "contract": "PACKAGING-IN"}, "-500.00", "000 #1 500.00"),
        ("other_debts", {"counterparty": "VEGA", "contract": "PACKAGING-OUT"}, "500.00", "#1 000 500.00"),
    ],
)
def test_the_side_follows_kind_and_relation(kind: str, fields: dict[str, str], stated: str, entry: str) -> None:
    assert tell(opening(kind, row(**fields))) == ([f"1 -|- {stated}"], [entry])


def test_a_row_keeps_the_original_document() -> None:
    document = opening("customer_debts", row(due="2024-12-05"), row(number="18", date="2024-11-06", amount="7"))
    first, second = facts(document, 100, cast_directory()).facts
    assert (first.nature, first.origin, first.label, first.due) == (Nature.OPENING, date(2024, 11, 5), "17", date(2024, 12, 5))
    assert (second.line, second.origin, second.label, second.due) == (2, date(2024, 11, 6), "18", None)


@pytest.mark.parametrize(
    ("kind", "contract", "fields", "objects"),
    [
        ("customer_debts", "BUYER-DUE", {}, "-|-"),
        ("customer_debts", "BUYER-INVOICES", {}, "document:100/1|-"),
        ("customer_debts", "BUYER-REG-INVOICES", {}, "document:100/1|document:100/1"),
        ("customer_debts", "BUYER-ORDERS", {}, "document:100/1|-"),
        ("customer_debts", "BUYER-ORDERS", {"order": "O-1"}, "order:O-1|-"),
        ("customer_debts", "BUYER-MANUAL", {}, "-|-"),
        ("customer_advances", "BUYER-MANUAL", {}, "document:100/1|-"),
        ("customer_debts", "", {}, "document:100/1|-"),
        ("customer_debts", "", {"agreement": "BY-ORDERS", "order": "O-1"}, "order:O-1|-"),
    ],
)
def test_the_object_of_a_row(kind: str, contract: str, fields: dict[str, str], objects: str) -> None:
    stated, _ = tell(opening(kind, row(counterparty="SIRIUS", contract=contract, **fields)))
    assert [fact.split()[1] for fact in stated] == [objects]


def test_foreign_rows_bring_their_book_amount() -> None:
    document = opening("customer_debts", row(counterparty="BERLIN", contract="BUYER-EUR", book_amount="47000.01"), row(book_amount="500"))
    assert tell(document) == (["1 -|- 500.00", "2 -|- 500.00"], ["#1 000 47000.01", "#2 000 500.00"])


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ([], "field_missing rows:"),
        ([row(number="")], "field_missing rows[0].number:"),
        ([row(), row(counterparty="")], "field_missing rows[1].counterparty:"),
        ([row(contract="NONE")], "unknown_reference rows[0].contract: kind=contract, value=NONE"),
        (
            [row(**SUPPLIER)],
            "relation_mismatch rows[0].contract: contract=SUPPLIER, relation=supplier, kind=opening_customer_debts",
        ),
        ([row(amount="-500")], "amount_not_positive rows[0].amount: value=-500"),
        ([row(date="05.11.2024")], "invalid_date rows[0].date: value=05.11.2024"),
        ([row(date="2025-01-02")], "invalid_value rows[0].date: value=2025-01-02"),
        ([row(due="x")], "invalid_date rows[0].due: value=x"),
        ([row(counterparty="BERLIN", contract="BUYER-EUR")], "field_missing rows[0].book_amount:"),
        ([row(book_amount="501")], "invalid_value rows[0].book_amount: value=501"),
        (
            [row(currency="USD")],
            "currency_differs_from_contract rows[0].currency: contract=BUYER, currency=USD, contract_currency=RUB",
        ),
    ],
)
def test_refused(rows: list[OpeningRow], refusal: str) -> None:
    assert refused(opening("customer_debts", *rows)) == refusal


def test_vat_is_said_of_advances_of_buyers_and_suppliers_alone() -> None:
    for kind, fields in (("customer_advances", {}), ("supplier_advances", SUPPLIER)):
        for vat in ("0", "500"):
            assert tell(opening(kind, row(vat=vat, **fields)))[0]
        for vat in ("500.01", "-1"):
            assert refused(opening(kind, row(vat=vat, **fields))) == f"invalid_value rows[0].vat: value={vat}"
    assert refused(opening("customer_debts", row(vat="1"))) == "unknown_field rows[0].vat:"
