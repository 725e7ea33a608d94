"""Fill by balances: what a payment proposes to settle, and that posting the proposal closes just that."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setoff import cli
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.services import save_masters
from setoff.settlements import services
from setoff.settlements.filling import fill_by_balances
from setoff.settlements.known import compare_with_refold
from setoff.site import database
from setoff.trade.documents import (
    AnyDocument,
    DueStage,
    Line,
    OpeningBalance,
    OpeningRow,
    Payment,
    Purchase,
    Sale,
    SaleCorrection,
)
from tests import cast
from tests.settlements import papers

Db = psycopg.Connection[Any]


def sale(key: str, day: str, amount: str, contract: str = "BUYER", counterparty: str = "VEGA", **fields: Any) -> Sale:
    lines = [Line(amount=amount, kind="services")]
    return Sale(key=key, unit="MSK", date=day, counterparty=counterparty, contract=contract, lines=lines, **fields)


def payment(amount: str, counterparty: str = "VEGA", **fields: Any) -> Payment:
    terms = {"key": "P", "unit": "MSK", "date": "2025-03-01", "kind": "payment_from_customer", **fields}
    return Payment(amount=amount, counterparty=counterparty, **terms)


def post(conn: Db, actor: Actor, *documents: AnyDocument) -> None:
    for document in documents:
        services.post_document(conn, document, actor)


def rows(filled: Payment) -> list[tuple[str, str, list[tuple[str, int, str]]]]:
    """Contract, amount and targets (document, line, amount) of every row; all targets are our own choice."""
    assert {target.named_by for row in filled.rows for target in row.targets} <= {"internal"}
    return [(row.contract, row.amount, [(to.document, to.line, to.amount) for to in row.targets]) for row in filled.rows]


def open_lots(conn: Db) -> dict[str, int]:
    """Management contour: what is open by document."""
    found = conn.execute(
        """select document.key, sum(residual)::int8 from lot join fold_key on fold_key.id = lot.key_id and contour = 'mgmt'
           join document on document.id = lot.document_id where residual <> 0 group by document.key"""
    )
    return dict(found.fetchall())


def settled_by(conn: Db, key: str) -> set[tuple[str, int]]:
    """Management contour: what a document took of which document's lots."""
    found = conn.execute(
        """select lots.key, sum(a.amount)::int8 from allocation a join fold_key on fold_key.id = a.key_id and contour = 'mgmt'
           join document lots on lots.id = a.lot_document_id join document own on own.id = a.document_id
           where own.key = %s group by lots.key""",
        [key],
    )
    return set(found.fetchall())


def fill_and_post(conn: Db, actor: Actor, wanted: Payment) -> list[tuple[str, str, list[tuple[str, int, str]]]]:
    """The proposal, after posting it: it took from every lot exactly what it names."""
    filled = fill_by_balances(conn, wanted)
    post(conn, actor, filled)
    named: dict[str, int] = {}
    for row in filled.rows:
        for target in row.targets:
            named[target.document] = named.get(target.document, 0) + int(target.amount.replace(".", ""))
    assert settled_by(conn, filled.key) == set(named.items())
    assert compare_with_refold(conn) == []
    return rows(filled)


def test_one_payment_pays_two_contracts_the_oldest_debt_first(company: Db, actor: Actor) -> None:
    post(company, actor, sale("b1", "2025-02-03", "40.00", "BUYER"), sale("a1", "2025-02-02", "30.00", "BUYER-2"),
         sale("a2", "2025-02-05", "20.00", "BUYER-2"))  # fmt: skip
    assert fill_and_post(company, actor, payment("90.00")) == [
        ("BUYER-2", "50.00", [("a1", 0, "30.00"), ("a2", 0, "20.00")]),
        ("BUYER", "40.00", [("b1", 0, "40.00")]),
    ]
    assert open_lots(company) == {}


def test_the_last_debt_reached_is_paid_in_part_and_those_after_it_not_at_all(company: Db, actor: Actor) -> None:
    post(company, actor, sale("b1", "2025-02-03", "40.00"), sale("b2", "2025-02-04", "40.00"), sale("a", "2025-02-05", "5.00", "BUYER-2"))
    assert fill_and_post(company, actor, payment("55.50")) == [("BUYER", "55.50", [("b1", 0, "40.00"), ("b2", 0, "15.50")])]
    assert open_lots(company) == {"b2": 2450, "a": 500}


def test_what_exceeds_all_debts_is_an_advance_in_the_last_row(company: Db, actor: Actor) -> None:
    post(company, actor, sale("b1", "2025-02-03", "40.00"), sale("a1", "2025-02-05", "5.00", "BUYER-2"))
    assert fill_and_post(company, actor, payment("100.00")) == [
        ("BUYER", "40.00", [("b1", 0, "40.00")]), ("BUYER-2", "60.00", [("a1", 0, "5.00")]),
    ]  # fmt: skip
    assert open_lots(company) == {"P": -5500}


def test_nothing_open_names_nothing(company: Db, actor: Actor) -> None:
    assert fill_and_post(company, actor, payment("10.00", contract="BUYER")) == []
    assert open_lots(company) == {"P": -1000}


def test_only_lots_open_at_the_payments_moment(company: Db, actor: Actor) -> None:
    """What is sold later, or later on the day, is no debt yet; what was paid before is none any more; a later payment
    does not count."""
    post(company, actor, sale("old", "2025-02-01", "10.00"), payment("4.00", key="before", date="2025-02-10", contract="BUYER"),
         sale("same day", "2025-03-01", "7.00"), sale("later", "2025-03-02", "9.00"),
         payment("6.00", key="after", date="2025-03-05", contract="BUYER"))  # fmt: skip
    assert rows(fill_by_balances(company, payment("50.00", day_order=20))) == [("BUYER", "50.00", [("old", 0, "6.00")])]
    assert fill_and_post(company, actor, payment("12.00")) == [("BUYER", "12.00", [("old", 0, "6.00"), ("same day", 0, "6.00")])]


def test_a_contract_that_allocates_by_due_date_is_paid_by_due_date(company: Db, actor: Actor) -> None:
    post(company, actor, sale("late", "2025-02-01", "10.00", "BUYER-DUE", "SIRIUS", due="2025-04-20"),
         sale("early", "2025-02-05", "10.00", "BUYER-DUE", "SIRIUS", due="2025-02-10"),
         sale("between", "2025-02-07", "10.00", "BUYER-INVOICES", "SIRIUS"))  # fmt: skip
    assert fill_and_post(company, actor, payment("25.00", "SIRIUS")) == [
        ("BUYER-INVOICES", "10.00", [("between", 0, "10.00")]),
        ("BUYER-DUE", "15.00", [("early", 0, "10.00"), ("late", 0, "5.00")]),
    ]


def test_under_the_legal_order_equal_due_dates_share(company: Db, actor: Actor) -> None:
    post(company, actor, sale("x", "2025-02-01", "30.00", "BUYER-LEGAL", "SIRIUS", due="2025-04-20"),
         sale("y", "2025-02-02", "10.00", "BUYER-LEGAL", "SIRIUS", due="2025-04-20"),
         sale("first", "2025-02-03", "5.00", "BUYER-LEGAL", "SIRIUS", due="2025-04-01"))  # fmt: skip
    assert fill_and_post(company, actor, payment("25.00", "SIRIUS")) == [
        ("BUYER-LEGAL", "25.00", [("first", 0, "5.00"), ("x", 0, "15.00"), ("y", 0, "5.00")])
    ]


def test_lots_of_one_document_are_named_by_line(company: Db, actor: Actor) -> None:
    stages = [DueStage(due="2025-02-20", amount="4.00"), DueStage(due="2025-03-20", amount="6.00")]
    opening = OpeningBalance(
        key="o", unit="MSK", date="2025-01-31", kind="customer_debts",
        rows=[OpeningRow(counterparty="SIRIUS", contract="BUYER-INVOICES", number=number, date=day, amount="3.00")
              for number, day in (("17", "2024-12-05"), ("16", "2024-11-05"))],
    )  # fmt: skip
    post(company, actor, opening, sale("staged", "2025-02-01", "10.00", "BUYER-INVOICES", "SIRIUS", stages=stages))
    assert fill_and_post(company, actor, payment("12.00", "SIRIUS")) == [
        ("BUYER-INVOICES", "12.00", [("o", 2, "3.00"), ("o", 1, "3.00"), ("staged", 1, "4.00"), ("staged", 2, "2.00")])
    ]


def test_debts_wherever_they_stand_are_found(company: Db, actor: Actor) -> None:
    """By order, by invoice, of a manual contract, without a contract, of a correction."""
    correction = SaleCorrection(key="more", unit="MSK", date="2025-02-06", base="invoice", direction="up", lines=[Line(amount="2.00")])
    post(company, actor, sale("order", "2025-02-01", "10.00", "BUYER-ORDERS", "SIRIUS", order="A"),
         sale("other order", "2025-02-02", "10.00", "BUYER-ORDERS", "SIRIUS", order="B"),
         sale("invoice", "2025-02-03", "10.00", "BUYER-INVOICES", "SIRIUS"),
         sale("manual", "2025-02-04", "10.00", "BUYER-MANUAL", "SIRIUS"),
         sale("loose", "2025-02-05", "10.00", "", "SIRIUS"), correction)  # fmt: skip
    assert rows(fill_by_balances(company, payment("9.00", "SIRIUS", contract="BUYER-ORDERS", order="B"))) == [
        ("BUYER-ORDERS", "9.00", [("other order", 0, "9.00")])
    ]
    assert fill_and_post(company, actor, payment("60.00", "SIRIUS")) == [
        ("BUYER-ORDERS", "20.00", [("order", 0, "10.00"), ("other order", 0, "10.00")]),
        ("BUYER-INVOICES", "12.00", [("invoice", 0, "10.00"), ("more", 0, "2.00")]),
        ("BUYER-MANUAL", "10.00", [("manual", 0, "10.00")]),
        ("", "18.00", [("loose", 0, "10.00")]),
    ]
    assert open_lots(company) == {"P": -800}


def test_a_supplier_is_paid_our_debts_to_him(company: Db, actor: Actor) -> None:
    lines = [Line(amount="25.00")]
    ours = Purchase(key="ours", unit="MSK", date="2025-02-03", counterparty="METALL", contract="SUPPLIER", lines=lines)
    advance = payment("9.00", "METALL", key="advance", kind="payment_to_supplier", contract="OTHER-SUPPLIER", date="2025-02-01")
    post(company, actor, ours, advance)
    wanted = payment("25.00", "METALL", kind="payment_to_supplier")
    assert fill_and_post(company, actor, wanted) == [("SUPPLIER", "25.00", [("ours", 0, "25.00")])]
    assert open_lots(company) == {"advance": 900}


def test_a_refund_gives_back_advances(company: Db, actor: Actor) -> None:
    post(company, actor, payment("50.00", key="paid", date="2025-02-01", contract="BUYER-2"), sale("debt", "2025-02-02", "30.00"))
    wanted = payment("20.00", kind="refund_to_customer")
    assert fill_and_post(company, actor, wanted) == [("BUYER-2", "20.00", [("paid", 0, "20.00")])]
    assert open_lots(company) == {"paid": -3000, "debt": 3000}


def test_a_refund_from_a_supplier_takes_what_we_paid_ahead(company: Db, actor: Actor) -> None:
    post(company, actor, payment("9.00", "METALL", key="paid", kind="payment_to_supplier", contract="SUPPLIER", date="2025-02-01"))
    assert fill_and_post(company, actor, payment("9.00", "METALL", kind="refund_from_supplier")) == [
        ("SUPPLIER", "9.00", [("paid", 0, "9.00")])
    ]


def test_only_debts_in_the_currency_of_the_payment(company: Db, actor: Actor) -> None:
    post(company, actor, sale("rub", "2025-02-05", "10.00"), sale("units", "2025-02-01", "10.00", "BUYER-UNIT"),
         sale("eur", "2025-02-01", "10.00", "BUYER-EUR", "BERLIN"))  # fmt: skip
    assert rows(fill_by_balances(company, payment("50.00"))) == [("BUYER", "50.00", [("rub", 0, "10.00")])]
    assert rows(fill_by_balances(company, payment("50.00", "BERLIN"))) == []
    assert fill_and_post(company, actor, payment("6.00", "BERLIN", currency="EUR")) == [("BUYER-EUR", "6.00", [("eur", 0, "6.00")])]


def test_a_contract_out_of_validity_is_left_out(company: Db, actor: Actor) -> None:
    post(company, actor, sale("short", "2025-02-01", "10.00", "BUYER-SHORT", "SIRIUS"))
    assert rows(fill_by_balances(company, payment("5.00", "SIRIUS", date="2025-07-01"))) == []
    assert len(rows(fill_by_balances(company, payment("5.00", "SIRIUS", date="2025-06-30")))) == 1


def test_a_posted_payment_is_refused_and_a_draft_is_filled_again(company: Db, actor: Actor) -> None:
    post(company, actor, sale("s", "2025-02-01", "10.00"))
    filled = fill_by_balances(company, payment("5.00"))
    services.save_document(company, filled, actor)
    assert fill_by_balances(company, filled) == filled
    services.post_saved(company, "P", actor)
    with pytest.raises(DomainError) as refusal:
        fill_by_balances(company, filled)
    assert refusal.value.code == ErrorCode.WRONG_STATE


def test_fill_prints_what_post_reads(
    company: Db, actor: Actor, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    post(company, actor, sale("s", "2025-02-01", "10.00"))
    paid = {"type": "payment", "key": "P", "unit": "MSK", "date": "2025-03-01", "kind": "payment_from_customer", "counterparty": "VEGA"}
    path = tmp_path / "payment.json"
    path.write_text(json.dumps({**paid, "amount": "10.00"}), encoding="utf-8")
    assert cli.run(["fill", str(path)]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["rows"] == [
        {"amount": "10.00", "contract": "BUYER", "targets": [{"document": "s", "amount": "10.00", "named_by": "internal"}]}
    ]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(printed.encode())))
    assert cli.run(["post", "-"]) == 0
    assert open_lots(company) == {}


def test_a_sale_is_printed_as_it_is_where_several_contracts_fit(company: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sale.json"
    path.write_text('{"type":"sale","unit":"MSK","date":"2025-02-01","counterparty":"VEGA","lines":[]}', encoding="utf-8")
    assert cli.run(["fill", str(path)]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == json.loads(path.read_text(encoding="utf-8"))
    assert "BUYER, BUYER-2, BUYER-UNIT" in printed.err
    assert cli.run(["fill", str(tmp_path / "missing.json")]) == 1
    assert "file_unreadable" in capsys.readouterr().err.replace("-", "_").lower()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(typed=papers.papers(named=True), data=st.data())
def test_a_proposal_is_always_accepted_and_takes_what_it_names(server: str, typed: list[AnyDocument], data: st.DataObject) -> None:
    """After random papers, for each of their parties and every direction; what a refund has no advance for is a debt."""
    named = sorted({paper.contract for paper in typed if isinstance(paper, Sale | Purchase | Payment)})
    actor = Actor("tester", "test")
    with database.throwaway(), database.connect() as conn:
        save_masters(conn, cast.MASTERS, actor)
        papers.post(conn, typed)
        for contract in (papers.CONTRACTS[code] for code in named):
            counterparty = contract.counterparty
            buyer = contract.relation == "buyer"
            for kind in ("payment_from_customer", "refund_to_customer") if buyer else ("payment_to_supplier", "refund_from_supplier"):
                currency = contract.payment_currency or contract.currency
                amount = data.draw(papers.amounts())
                wanted = payment(amount, counterparty, key="", kind=kind, currency=currency, consent=True)
                if fill_by_balances(conn, wanted).rows:
                    fill_and_post(conn, actor, msgspec.structs.replace(wanted, key=f"{counterparty} {contract.code} {kind}"))
