"""The contract that a document leaves out: one row per reason why one fits and another does not; then files, twice."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.parties.services import save_masters
from setoff.settlements.choosing import Chooser, choose_contract, chosen
from setoff.settlements.services import post_document
from setoff.trade.documents import AnyDocument, Line, OpeningBalance, OpeningRow, Payment, Purchase, Sale, SaleCorrection
from tests import cast
from tests.trade.stage import cast_directory


def sale(**fields: Any) -> Sale:
    lines = [Line(amount="118", kind="services")]
    return Sale(**{"unit": "MSK", "date": "2025-02-10", "counterparty": "VEGA", "lines": lines, **fields})


def money(**fields: Any) -> Payment:
    said = {"unit": "MSK", "date": "2025-02-10", "kind": "payment_from_customer", "counterparty": "VEGA", "amount": "10", **fields}
    return Payment(**said)


def purchase(**fields: Any) -> Purchase:
    return Purchase(**{"unit": "MSK", "date": "2025-02-10", "counterparty": "METALL", "lines": [Line(amount="1")], **fields})


SEVERAL_OF_SIRIUS = ["BUYER-DUE", "BUYER-INVOICES", "BUYER-LEGAL", "BUYER-MANUAL", "BUYER-ORDERS", "BUYER-REG-INVOICES"]


@pytest.mark.parametrize(
    ("document", "filled", "fitting"),
    [
        (sale(counterparty="BERLIN"), "BUYER-EUR", ["BUYER-EUR"]),  # of his two contracts one is with a supplier
        (purchase(counterparty="BERLIN"), "SUPPLIER-EUR", ["SUPPLIER-EUR"]),
        (sale(counterparty="BERLIN", currency="RUB"), "", []),
        (sale(), "", ["BUYER", "BUYER-2", "BUYER-UNIT"]),
        (sale(currency="EUR"), "BUYER-UNIT", ["BUYER-UNIT"]),
        (sale(unit="LYC"), "LYCEUM-BUYER", ["LYCEUM-BUYER"]),  # the other organization's
        (sale(unit="SHA"), "", []),
        (sale(counterparty="SIRIUS"), "", [*SEVERAL_OF_SIRIUS, "BUYER-SHORT"]),  # not the draft, not the closed one
        (sale(counterparty="SIRIUS", date="2025-07-01"), "", SEVERAL_OF_SIRIUS),  # BUYER-SHORT ended the day before
        (sale(date="2024-12-31"), "", []),
        (sale(contract="BUYER-2"), "BUYER-2", []),  # named already
        (sale(agreement="RETAIL"), "", []),  # settles without contracts
        (purchase(), "SUPPLIER", None),  # OTHER-SUPPLIER fits too: see below
        (money(counterparty="BERLIN"), "BUYER-EUR", ["BUYER-EUR"]),
        (money(currency="EUR"), "", []),  # the contract in EUR is paid in RUB
        (money(counterparty="IVANOV", kind="loan_received", amount="1"), "", ["LOAN", "LOAN-LONG"]),
        (money(counterparty="IVANOV", kind="loan_granted"), "LOAN-GRANTED", ["LOAN-GRANTED"]),
        (money(kind="other_in", counterparty="", account="91.01"), "", []),
        (SaleCorrection(unit="MSK", date="2025-02-10", direction="down", base="S-1", lines=[Line(amount="1")]), "", []),
    ],
)
def test_what_fits(document: AnyDocument, filled: str, fitting: list[str] | None) -> None:
    directory = cast_directory()
    found = chosen(document, directory, list(directory.contracts.values()))
    if fitting is None:
        assert [contract.code for contract in found.fitting] == ["OTHER-SUPPLIER", "SUPPLIER"]
        assert getattr(found.document, "contract", "") == ""
        return
    assert [contract.code for contract in found.fitting] == fitting
    assert getattr(found.document, "contract", "") == filled


def test_a_contract_made_from_another_agreement_does_not_fit() -> None:
    directory = cast_directory()
    wholesale = directory.agreements["RETAIL"]._replace(code="W", uses_contracts=True)
    directory.agreements |= {"W": wholesale, "X": wholesale._replace(code="X")}
    contracts = [directory.contracts["BUYER"]._replace(agreement="W"), directory.contracts["BUYER-2"]._replace(agreement="X")]
    assert getattr(chosen(sale(agreement="W"), directory, contracts).document, "contract", "") == "BUYER"
    assert getattr(chosen(sale(agreement="X"), directory, contracts).document, "contract", "") == "BUYER-2"
    with pytest.raises(DomainError, match="unknown_reference"):
        chosen(sale(agreement="NOBODY"), directory, contracts)


def test_rows_of_an_opening_balance_get_theirs() -> None:
    directory = cast_directory()
    rows = [OpeningRow(counterparty=code, number="1", date="2024-05-01", amount="5") for code in ("BERLIN", "VEGA")]
    document = OpeningBalance(unit="MSK", date="2025-02-10", kind="customer_debts", rows=rows)
    found = chosen(document, directory, list(directory.contracts.values())).document
    assert isinstance(found, OpeningBalance)
    assert [row.contract for row in found.rows] == ["BUYER-EUR", ""]


def test_a_contract_brings_its_bank_account_and_vat(company: psycopg.Connection[Any], actor: Actor) -> None:
    import msgspec

    terms = {"bank_account": "OUR-EUR", "vat_rate": "20", "vat_rule": "on_top"}
    save_masters(company, [msgspec.structs.replace(cast.BUYER_EUR, **terms)], actor)
    filled = choose_contract(company, sale(counterparty="BERLIN")).document
    assert isinstance(filled, Sale)
    assert (filled.contract, filled.lines[0].vat_rate, filled.prices_include_vat) == ("BUYER-EUR", "20", False)
    own = sale(counterparty="BERLIN", lines=[Line(amount="1", vat_rate="10"), Line(amount="1")])
    kept = choose_contract(company, own).document
    assert isinstance(kept, Sale) and [line.vat_rate for line in kept.lines] == ["10", ""] and kept.prices_include_vat
    paid = choose_contract(company, money(counterparty="BERLIN")).document
    assert isinstance(paid, Payment) and (paid.contract, paid.bank_account) == ("BUYER-EUR", "OUR-EUR")
    in_cash = choose_contract(company, money(counterparty="BERLIN", cash=True)).document
    assert isinstance(in_cash, Payment) and in_cash.bank_account == ""


def test_the_general_rate_of_a_contract_is_that_of_the_document_s_day(company: psycopg.Connection[Any], actor: Actor) -> None:
    import msgspec

    save_masters(company, [msgspec.structs.replace(cast.BUYER_EUR, vat_rate="general")], actor)
    rates = []
    for day in ("2025-12-31", "2026-01-01"):
        filled = choose_contract(company, sale(date=day, counterparty="BERLIN")).document
        assert isinstance(filled, Sale)
        rates += [line.vat_rate for line in filled.lines]
    assert rates == ["20", "22"]
    with pytest.raises(DomainError) as caught:
        save_masters(company, [msgspec.structs.replace(cast.BUYER_EUR, vat_rate="usual")], actor)
    assert caught.value.facts["field"] == "vat_rate"


def test_a_file_that_comes_again_changes_nothing_although_a_second_contract_fits_now(
    company: psycopg.Connection[Any], actor: Actor
) -> None:
    import msgspec

    document = sale(counterparty="BERLIN", key="S", number="S")
    unnamed = sale(counterparty="BERLIN", key="T", number="T")
    nobody = sale(counterparty="NOBODY", key="N", number="N")
    first = [given for _, given in Chooser(company).each([(1, document), (2, nobody)])]
    assert [getattr(given, "contract", "") for given in first] == ["BUYER-EUR", ""]
    post_document(company, first[0], actor)
    save_masters(company, [msgspec.structs.replace(cast.BUYER_EUR, code="BUYER-EUR-2")], actor)
    again = [given for _, given in Chooser(company).each([(1, document), (2, unnamed)])]
    assert [getattr(given, "contract", "") for given in again] == ["BUYER-EUR", ""]
    assert post_document(company, again[0], actor).changed is False
