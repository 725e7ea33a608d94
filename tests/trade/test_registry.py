"""The registry, headers, references, and what modules say of themselves."""

from __future__ import annotations

import importlib
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import setoff.trade
from setoff.core.errors import DomainError, ErrorCode
from setoff.trade.documents import (
    AnyDocument,
    Line,
    ManualEntry,
    ManualRow,
    OpeningBalance,
    OpeningRow,
    Payment,
    PaymentRow,
    PaymentTarget,
    Purchase,
    Sale,
    SaleCorrection,
    SaleReturn,
    Side,
)
from setoff.trade.registry import References, further_documents, header, references
from setoff.trade.terms import debt_sign, fitting_contracts
from tests.trade.stage import cast_directory, enter

FOLDER = Path(setoff.trade.__path__[0])
SALE = Sale(unit="MSK", date="2025-02-10", counterparty="VEGA", contract="BUYER", lines=[Line(amount="7.5"), Line(amount="2.5")])
PAYMENT = Payment(
    unit="MSK", date="2025-02-15", kind="payment_from_customer", amount="10", counterparty="VEGA", payer="SIRIUS", currency="EUR",
    rows=[PaymentRow(amount="10", contract="BUYER", targets=[PaymentTarget(document="sale 1", amount="10")])],
)  # fmt: skip
OPENING = OpeningBalance(
    unit="MSK", date="2025-01-01", kind="customer_debts",
    rows=[
        OpeningRow(counterparty="VEGA", contract="BUYER", number="1", date="2024-12-01", amount="10"),
        OpeningRow(counterparty="BERLIN", contract="BUYER-EUR", number="2", date="2024-12-01", amount="10", book_amount="1000"),
    ],
)  # fmt: skip
MANUAL = ManualEntry(
    unit="MSK", date="2025-02-20",
    rows=[ManualRow(debit=Side(account="91.02"), credit=Side(counterparty="VEGA", contract="BUYER"), amount="3")],
)  # fmt: skip


@pytest.mark.parametrize(
    ("document", "kind", "day_order", "codes", "currency", "total"),
    [
        (SALE, "sale", 30, ("VEGA", "BUYER"), "RUB", 1000),
        (
            Purchase(unit="MSK", date="2025-02-10", counterparty="METALL", lines=[Line(amount="1")]),
            "purchase", 30, ("METALL", ""), "RUB", 100,
        ),
        (
            Sale(unit="MSK", date="2025-02-10", counterparty="BERLIN", contract="BUYER-EUR", day_order=31, lines=[Line(amount="1")]),
            "sale", 31, ("BERLIN", "BUYER-EUR"), "EUR", 100,
        ),
        (PAYMENT, "payment_from_customer", 50, ("VEGA", "BUYER"), "EUR", 1000),
        (
            Payment(unit="MSK", date="2025-02-15", kind="payment_from_customer", amount="1", counterparty="VEGA", contract="BUYER-UNIT"),
            "payment_from_customer", 50, ("VEGA", "BUYER-UNIT"), "RUB", 100,
        ),
        (
            Payment(unit="MSK", date="2025-02-15", kind="other_in", amount="1", account="91.01"),
            "other_in", 50, ("", ""), "RUB", 100,
        ),
        (OPENING, "opening_customer_debts", 10, ("", ""), "RUB", 101000),
        (MANUAL, "manual_entry", 60, ("VEGA", "BUYER"), "RUB", 300),
        (
            SaleReturn(unit="MSK", date="2025-02-20", base="base", lines=[Line(amount="2")]),
            "sale_return", 40, ("VEGA", "BUYER"), "RUB", 200,
        ),
    ],
)  # fmt: skip
def test_the_header(document: AnyDocument, kind: str, day_order: int, codes: tuple[str, str], currency: str, total: int) -> None:
    directory = cast_directory()
    enter(directory, "base", 7, SALE)
    party, contract = codes
    head = header(document, directory)
    assert (head.unit.code, head.kind, head.date, head.day_order) == ("MSK", kind, date.fromisoformat(document.date), day_order)
    assert head.counterparty_id == (directory.counterparties[party].id if party else None)
    assert head.contract_id == (directory.contracts[contract].id if contract else None)
    assert (head.currency, head.total_minor) == (currency, total)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"unit": "X"}, "unknown_reference: kind=unit, value=X, field=unit"),
        ({"date": "x"}, "invalid_date: value=x, field=date"),
        ({"day_order": 512}, "invalid_value: value=512, field=day_order"),
        ({"counterparty": "X"}, "unknown_reference: kind=counterparty, value=X, field=counterparty"),
        ({"contract": "X"}, "unknown_reference: kind=contract, value=X, field=contract"),
        ({"contract": "", "currency": "ROUBLES"}, "unknown_currency: currency=ROUBLES, field=currency"),
    ],
)
def test_a_draft_needs_as_much_as_its_header(fields: dict[str, Any], refusal: str) -> None:
    known = {"unit": "MSK", "date": "2025-02-10", "counterparty": "VEGA", "contract": "BUYER", **fields}
    with pytest.raises(DomainError) as caught:
        header(Sale(lines=[Line(amount="1")], **known), cast_directory())
    assert str(caught.value) == refusal
    bare = Sale(unit="MSK", date="2025-02-10", counterparty="", lines=[])
    assert header(bare, cast_directory()).total_minor == 0


def test_references_are_what_a_document_names() -> None:
    assert references(SALE) == References(units=frozenset({"MSK"}), counterparties=frozenset({"VEGA"}), contracts=frozenset({"BUYER"}))
    named = references(PAYMENT)
    assert (named.counterparties, named.documents, named.currencies) == ({"VEGA", "SIRIUS"}, {"sale 1"}, {"EUR"})
    assert references(OPENING).contracts == {"BUYER", "BUYER-EUR"}
    assert references(MANUAL).counterparties == {"VEGA"}
    assert references(SaleReturn(unit="MSK", date="2025-02-20", base="base", lines=[])).documents == {"base"}


def test_bases_of_corrections_are_named_in_turn() -> None:
    directory = cast_directory()
    correction = SaleCorrection(unit="MSK", date="2025-02-12", base="a", direction="down", lines=[Line(amount="1")])
    known = [enter(directory, "a", 7, SALE), enter(directory, "b", 8, correction), enter(directory, "c", 9, PAYMENT)]
    assert further_documents(known) == {"a"}


def test_the_contracts_a_document_could_name() -> None:
    directory = cast_directory()
    unit, sirius = directory.units["MSK"], directory.counterparties["SIRIUS"].id
    contracts = directory.contracts.values()
    found = fitting_contracts(contracts, "sale", unit, date(2025, 7, 1), counterparty_id=sirius)
    assert [contract.code for contract in found] == [
        "BUYER-DUE", "BUYER-INVOICES", "BUYER-LEGAL", "BUYER-MANUAL", "BUYER-ORDERS", "BUYER-REG-INVOICES",
    ]  # fmt: skip
    berlin = directory.counterparties["BERLIN"].id
    found = fitting_contracts(contracts, "purchase", unit, date(2025, 7, 1), counterparty_id=berlin, currency="EUR")
    assert [contract.code for contract in found] == ["SUPPLIER-EUR"]
    assert fitting_contracts(contracts, "purchase", unit, date(2025, 7, 1), counterparty_id=berlin, currency="RUB") == []
    assert fitting_contracts(contracts, "sale", unit, date(2024, 7, 1), counterparty_id=berlin) == []


def test_whose_debt_a_relation_holds() -> None:
    assert [debt_sign(relation) for relation in ("buyer", "other", "loan_granted", "packaging_issued")] == [1, 1, 1, 1]
    assert [debt_sign(relation) for relation in ("supplier", "loan_received", "loan_interest", "packaging_received")] == [-1, -1, -1, -1]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_names_in_its_docstring_every_refusal_it_raises(path: Path) -> None:
    if path.stem in ("__init__", "queries"):
        return
    raised = {ErrorCode[name].value for name in re.findall(r"ErrorCode\.([A-Z0-9_]+)", path.read_text(encoding="utf-8"))}
    named = set(re.findall(r"[a-z0-9_]+", importlib.import_module(f"setoff.trade.{path.stem}").__doc__ or ""))
    assert raised <= named
