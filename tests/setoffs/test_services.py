"""From open lots to posted set-offs: by the services and by the command line."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import psycopg
import pytest

from setoff import cli
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.records import Partner
from setoff.parties.services import save_masters
from setoff.setoffs.precheck import absent_papers, checked
from setoff.setoffs.proposal import Filter
from setoff.setoffs.queries import open_lots
from setoff.setoffs.services import Wanted, propose_set_off, set_off_document, set_off_pair
from setoff.settlements.services import post_document, unpost_document
from setoff.trade.documents import DebtAdjustment, Line, LinkedDocument, Purchase, Sale
from tests.setoffs.debts import DAY, tell
from tests.told import BooksOf

Books = psycopg.Connection[Any]


@pytest.fixture
def books(books_of: BooksOf, actor: Actor) -> Books:
    return books_of(tell, actor)


def unit_id(books: Books) -> int:
    row = books.execute("select id from unit where code = 'MSK'").fetchone()
    assert row is not None
    return int(row[0])


def test_what_is_proposed_can_be_posted(books: Books, actor: Actor) -> None:
    """They owe 105 with what we paid ahead, we owe 90: 75 of the scrap and 15 of the advance meet the steel. Then only 15 is left."""
    wanted = Wanted("MSK", ("METALL",), "RUB", DAY)
    found = propose_set_off(books, unit_id(books), wanted)
    assert found.totals == (9000, 9000)
    outcome = post_document(books, set_off_document(wanted, found.lots, found.marks, comment="by agreement"), actor)
    rows = books.execute(
        "select da.code, ca.code, amount from posting join account da on da.id = debit_account_id"
        " join account ca on ca.id = credit_account_id where document_id = %s order by 3 desc", [outcome.document_id],
    ).fetchall()  # fmt: skip
    assert rows == [("60.01", "62.01", 7500), ("60.01", "76.05", 1500)]
    left = [(lot.document, lot.amount) for lot in open_lots(books, unit_id(books), ["METALL"], DAY)]
    assert left == [("ahead", 1500)]


def test_the_same_part_twice_is_two_set_offs_and_an_operation_is_done_once(books: Books, actor: Actor) -> None:
    """Of 75 that they owe 20 is set off twice with the same amount; the form that is sent again does nothing more."""
    unit = unit_id(books)
    rights = Rights(1, actor.author, "", "en", {unit: frozenset(("read", "draft", "post"))}, {"MSK": unit}, is_administrator=False)
    wanted = Wanted("MSK", ("METALL",), "RUB", DAY, at_most=2000, filter=Filter(only_debts=True))
    first, second = (set_off_pair(books, wanted, actor, rights) for _ in range(2))
    assert (first.state, second.state) == ("posted", "posted") and first.document_id != second.document_id
    sent = wanted._replace(operation="form 1")
    once, again = (set_off_pair(books, sent, actor, rights) for _ in range(2))
    assert (once.state, once.amount) == (again.state, again.amount) == ("posted", 2000)
    assert once.document_id == again.document_id and once.key == again.key
    assert [lot.amount for lot in open_lots(books, unit_id(books), ["METALL"], DAY)] == [3000, 1500, 3000]
    unpost_document(books, once.key, actor)
    back = set_off_pair(books, sent, actor, rights)
    assert back.refusal is not None and back.refusal.code == ErrorCode.WRONG_STATE


def test_warnings_of_a_document(books: Books) -> None:
    """The steel is due on 20 March, which is our own matter; the scrap is due at once."""
    wanted = Wanted("MSK", ("METALL",), "RUB", date(2026, 3, 12))
    found = propose_set_off(books, unit_id(books), wanted)
    document = set_off_document(wanted, found.lots, found.marks)
    assert [(one.code, one.law, one.documents) for one in checked(books, document).warnings] == [
        ("advance_paid", "ru", ("000001",)),
    ]  # fmt: skip
    assert absent_papers(document) == ["invoice", "act", "waybill"]


def test_papers_that_are_not_linked() -> None:
    linked = [LinkedDocument(number="1", type="invoice"), LinkedDocument(number="2", type="contract")]
    assert absent_papers(DebtAdjustment(kind="set_off", unit="MSK", date="2026-03-31", linked=linked)) == ["act", "waybill"]


def test_the_whole_book_and_a_group_are_proposed_and_set_off(
    books: Books, actor: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    """VEGA owes 20 and is owed 5; only METALL is of the group STEEL: 75 of it alone, then the 5 of VEGA with everybody."""
    vega = {"unit": "MSK", "date": "2026-03-02", "counterparty": "VEGA"}
    post_document(books, Sale(contract="BUYER", lines=[Line(amount="20")], **vega), actor)
    post_document(books, Purchase(agreement="RETAIL", currency="RUB", lines=[Line(amount="5")], **vega), actor)
    save_masters(books, [Partner(code="STEEL-1", name="Сталь", group="STEEL")], actor)
    books.execute("update counterparty set partner_id = (select id from partner where code = 'STEEL-1') where code = 'METALL'")

    def run(*said: str) -> str:
        assert cli.run([*said]) == 0
        return capsys.readouterr().out

    asked = ("--all", "--date", "2026-03-31")
    found = json.loads(run("propose", *asked, "--format", "json"))
    assert [(one["counterparties"], one["amount"]) for one in found] == [(["METALL"], "75.00"), (["VEGA"], "5.00")]
    assert [one["amount"] for one in json.loads(run("propose", *asked, "--partner", "STEEL", "--format", "json"))] == ["75.00"]
    assert "MSK METALL RUB" in run("propose", *asked)
    run("setoff", *asked, "--partner", "STEEL", "--operation", "march")
    run("setoff", *asked, "--operation", "march")
    made = books.execute("select total from document where kind = 'set_off' order by id").fetchall()
    assert made == [(7500,), (500,)]


def test_several_currencies_by_the_service(books: Books, actor: Actor) -> None:
    """We owe METALL 90 and it owes 75; BERLIN owes EUR 1, at 98.25: 75 meet 75, and of the 15 left 14.74 meet EUR 0.15."""
    berlin = Sale(unit="MSK", date="2026-03-02", counterparty="BERLIN", contract="BUYER-EUR", lines=[Line(amount="1")])
    post_document(books, berlin, actor)
    wanted = Wanted("MSK", ("METALL", "BERLIN"), "*", DAY, filter=Filter(only_debts=True))
    found = propose_set_off(books, unit_id(books), wanted)
    assert (found.currency, found.totals) == ("RUB", (8974, 8974))
    assert sorted((found.lots[mark.lot].currency, mark.amount) for mark in found.marks) == [("EUR", 15), ("RUB", 7500), ("RUB", 8974)]
    document = set_off_document(wanted, found.lots, found.marks)
    assert post_document(books, document, actor).changed
    with pytest.raises(DomainError, match="invalid_value"):
        propose_set_off(books, unit_id(books), wanted._replace(at_most=100))


def test_the_command_line_proposes_and_sets_off(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*said: str) -> str:
        assert cli.run([*said]) == 0
        return capsys.readouterr().out

    shown = json.loads(run("propose", "--date", "2026-03-31", "--format", "json"))
    assert [(row["counterparty"], row["they_owe"], row["we_owe"]) for row in shown] == [("METALL", "75.00", "90.00")]
    asked = ("--unit", "MSK", "--counterparty", "METALL", "--date", "2026-03-31")
    lots = json.loads(run("propose", *asked, "--only-debts", "--format", "json"))
    assert (lots["amount"], [lot["set_off"] for lot in lots["lots"]]) == ("75.00", ["75.00", "75.00", "0.00"])
    assert "Can be set off: 90.00\N{NO-BREAK SPACE}RUB" in run("propose", *asked)
    tried = run("setoff", *asked, "--amount", "40", "--dry-run")
    assert "40.00\N{NO-BREAK SPACE}RUB, posted" in tried
    assert "Nothing was kept" in tried
    assert "75.00\N{NO-BREAK SPACE}RUB, posted" in run("setoff", "--all", "--date", "2026-03-31")
    assert json.loads(run("propose", "--date", "2026-03-31", "--format", "json")) == []
    again = run("setoff", *asked, "--only-debts")
    assert "nothing left to set off" in again


def test_the_only_currency_owed_both_ways_need_not_be_said(books: Books, actor: Actor, capsys: pytest.CaptureFixture[str]) -> None:
    """BERLIN owes EUR 20 and is owed EUR 5; the unit keeps its books in roubles."""
    berlin = {"unit": "MSK", "date": "2026-03-02", "counterparty": "BERLIN"}
    post_document(books, Sale(contract="BUYER-EUR", lines=[Line(amount="20")], **berlin), actor)
    post_document(books, Purchase(agreement="RETAIL", currency="EUR", lines=[Line(amount="5")], **berlin), actor)
    asked = ("--unit", "MSK", "--counterparty", "BERLIN", "--date", "2026-03-31")
    assert cli.run(["propose", *asked, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["currency"], found["amount"]) == ("EUR", "5.00")
    assert cli.run(["setoff", *asked]) == 0
    assert "5.00\N{NO-BREAK SPACE}EUR, posted" in capsys.readouterr().out
