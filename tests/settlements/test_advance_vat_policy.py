"""The verbs on VAT on advances: turning it on and off, the rate of a contract, a decision, and what is closed."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from setoff import cli
from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.queries import every_master
from setoff.parties.records import Contract, Unit
from setoff.parties.services import save_masters
from setoff.settlements.advance_vat.services import Policy, policy_of, set_contract_vat, set_vat_policy
from setoff.settlements.checks import run_checks
from setoff.settlements.known import shadow
from setoff.settlements.services import post_document
from setoff.trade.documents import AdvanceVat, Line, Payment, Sale
from tests import cast

Books = psycopg.Connection[Any]
VAT_SQL = """
  select document.key, moment_date(posting.moment)::text, debit.code, credit.code, posting.amount, posting.vat_rate
  from posting join document on document.id = document_id join account debit on debit.id = debit_account_id
  join account credit on credit.id = credit_account_id where posting.kind = 'vat' order by posting.moment, document.id"""
TURNOVER_SQL = """
  select sum(amount)::bigint from turnover join account debit on debit.id = debit_account_id where debit.code = '76.АВ'"""


@pytest.fixture
def books(company: Books, actor: Actor) -> Books:
    """An advance of 1 200 on 20 February, 600 of it shipped on 10 March."""
    party: dict[str, Any] = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER"}
    post_document(company, Payment(kind="payment_from_customer", key="advance", date="2025-02-20", amount="1200", **party), actor)
    post_document(company, Sale(key="shipment", date="2025-03-10", lines=[Line(amount="600")], **party), actor)
    return company


def vat(books: Books) -> list[tuple[Any, ...]]:
    return books.execute(VAT_SQL).fetchall()


def known(books: Books, kind: type[Any]) -> list[Any]:
    with books.transaction():
        return list(every_master(books, kind))


def assert_sound(books: Books) -> None:
    assert {result.check.code: result.rows for result in run_checks(books) if result.rows and result.check.state == "error"} == {}


def test_it_is_turned_on_from_a_day_and_off_again(books: Books, actor: Actor) -> None:
    assert policy_of(books, "MSK") == Policy("off") and vat(books) == []
    moved = set_vat_policy(books, "MSK", Policy("same_day"), actor)
    assert (moved.changed, [(change.before, change.after) for change in moved.changes]) == (True, [(0, 20_000), (0, 10_000)])
    assert vat(books) == [
        ("advance", "2025-02-20", "76.АВ", "68.02", 20_000, "20"), ("shipment", "2025-03-10", "68.02", "76.АВ", 10_000, "20"),
    ]  # fmt: skip
    assert books.execute(TURNOVER_SQL).fetchone() == (20_000,)
    assert_sound(books)
    assert not set_vat_policy(books, "MSK", Policy("same_day"), actor).changed
    set_vat_policy(books, "MSK", Policy("tax_period"), actor)
    assert vat(books) == [("advance", "2025-03-31", "76.АВ", "68.02", 10_000, "20")]
    set_vat_policy(books, "MSK", Policy("same_day", date(2025, 2, 21)), actor)
    assert vat(books) == []
    set_vat_policy(books, "MSK", Policy("same_day"), actor)
    set_vat_policy(books, "MSK", Policy("off"), actor)
    assert vat(books) == []
    assert_sound(books)


def test_what_is_closed_holds(books: Books, actor: Actor) -> None:
    close_period(books, "MSK", date(2025, 2, 28), actor)
    with pytest.raises(DomainError) as caught:
        set_vat_policy(books, "MSK", Policy("same_day"), actor)
    assert (caught.value.code, caught.value.facts["documents"]) == (ErrorCode.PERIOD_CLOSED, "000001")
    assert policy_of(books, "MSK") == Policy("off") and vat(books) == []
    set_vat_policy(books, "MSK", Policy("same_day", date(2025, 3, 1)), actor)
    assert policy_of(books, "MSK").since == date(2025, 3, 1)


def test_the_rate_of_a_contract_in_use(books: Books, actor: Actor) -> None:
    set_vat_policy(books, "MSK", Policy("same_day"), actor)
    set_contract_vat(books, "BUYER", "10", actor)
    assert [row[2:] for row in vat(books)] == [("76.АВ", "68.02", 10_909, "10"), ("68.02", "76.АВ", 5_455, "10")]
    assert not set_contract_vat(books, "BUYER", "10.0", actor).changed
    set_contract_vat(books, "BUYER", "none", actor)
    assert vat(books) == []
    assert [found.advance_vat for found in known(books, Contract) if found.code == "BUYER"] == ["none"]
    assert_sound(books)


@pytest.mark.parametrize("rate", ["0", "100", "-10", "10.123"])
def test_a_rate_is_a_percentage(books: Books, actor: Actor, rate: str) -> None:
    with pytest.raises(DomainError) as caught:
        set_contract_vat(books, "BUYER", rate, actor)
    assert caught.value.facts["field"] == "rate"


def test_a_unit_in_use_keeps_what_it_decided(books: Books, actor: Actor) -> None:
    """A file that says nothing of it changes nothing; one that says otherwise is refused; a chart without the accounts cannot."""
    set_vat_policy(books, "MSK", Policy("same_day"), actor)
    save_masters(books, [cast.MSK], actor)
    assert policy_of(books, "MSK").window == "same_day"
    (unit,) = [found for found in known(books, Unit) if found.code == "MSK"]
    assert save_masters(books, [unit], actor).unchanged == 1
    for record, code in (
        (Unit(code="MSK", organization="ROMASHKA", name="x", vat_on_advances="off"), ErrorCode.RECORD_IN_USE),
        (Unit(code="AMS", organization="NORTHSEA", name="x", vat_on_advances="same_day"), ErrorCode.INVALID_VALUE),
    ):
        with pytest.raises(DomainError) as caught:
            save_masters(books, [record], actor)
        assert caught.value.code == code
    for unit_code, window in (("AMS", "same_day"), ("MSK", "month")):
        with pytest.raises(DomainError) as caught:
            set_vat_policy(books, unit_code, Policy(window), actor)
        assert (caught.value.code, caught.value.facts["field"]) == (ErrorCode.INVALID_VALUE, "window")


def test_a_report_as_known_before_a_decision(books: Books, actor: Actor) -> None:
    """What was known before the refund was decided, and before an invoice moved the past, stands as it was."""
    party: dict[str, Any] = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER"}
    set_vat_policy(books, "MSK", Policy("same_day"), actor)
    post_document(books, Payment(kind="refund_to_customer", key="refund", date="2025-03-20", amount="240", **party), actor)
    stood = vat(books)
    (then,) = books.execute("select clock_timestamp()").fetchone() or ()
    post_document(books, AdvanceVat(unit="MSK", date="2025-03-25", decision="deduct", document="refund", key="decision"), actor)
    post_document(books, Sale(key="late", date="2025-03-01", lines=[Line(amount="120")], **party), actor)
    assert [row[0] for row in vat(books)] == ["advance", "late", "shipment", "decision"]
    with shadow(books, then):
        assert vat(books) == stood
    assert_sound(books)


def test_the_command_line(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["vat", "set", "MSK", "--dry-run"]) == 0
    assert vat(books) == [] and "nothing was kept; postings that would move: 2" in capsys.readouterr().out
    assert cli.run(["vat", "set", "MSK", "--window", "same_day"]) == 0
    assert "VAT on advances" in capsys.readouterr().out and len(vat(books)) == 2
    assert cli.run(["vat", "show", "MSK"]) == 0
    assert "open at the end of the day; from the beginning" in capsys.readouterr().out
    assert cli.run(["vat", "rate", "BUYER", "10"]) == 0 and cli.run(["vat", "rate", "BUYER", "general"]) == 0
    post_document(books, Payment(kind="refund_to_customer", key="refund", unit="MSK", date="2025-03-20", counterparty="VEGA",
                                 contract="BUYER", amount="240"), Actor("tester", "test"))  # fmt: skip
    assert cli.run(["vat", "decide", "refund", "expense", "--date", "2025-03-21"]) == 0
    assert vat(books)[-1][2:5] == ("91.02", "76.АВ", 4_000)
    assert cli.run(["vat", "decide", "nothing", "deduct"]) == 1
