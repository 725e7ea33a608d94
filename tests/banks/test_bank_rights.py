"""What a person of one unit reaches of the banks, under the role of the application: its own lines and nothing of another unit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import psycopg
import pytest

from setoff.access.entry import enter, leave
from setoff.access.queries import rights_of
from setoff.banks.balances import compared_balances
from setoff.banks.claims import (
    assign_line,
    claim_line,
    confirm_lines,
    ignore_line,
    propose_lines,
    restore_line,
    sure_lines,
    unconfirm_line,
)
from setoff.banks.known import accounts_of_ours
from setoff.banks.payables import Choice, draft_payments, payables, write_orders
from setoff.banks.queries import LineFilter, bank_accounts, bank_lines, bank_rules, bank_statements, line_states, unclaimed_count
from setoff.banks.records import BankAccount, BankRule, CounterpartyAccount
from setoff.banks.services import add_rule, drop_rule, import_statements, save_account, save_party_account
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.demo.bank_story import russian_account
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Payment, Purchase, Sale
from tests.access.people import add_user
from tests.banks.statements import Told, onec

MOSCOW, PETERSBURG, SUPPLIERS = (russian_account("RUB", number) for number in (1, 2, 3))
BIC = "044525225"
VEGA = {"name": "ООО Вега", "tax_id": "7702070139"}


@pytest.fixture
def banks(company: psycopg.Connection[Any], actor: Actor) -> psycopg.Connection[Any]:
    """Moscow and Petersburg have an account, an open sale and an open line of the customer each, a rule and a debt; the connection is
    the accountant's of Moscow."""
    add_user(company, "mara", MSK="accountant")
    for unit, account, name in (("MSK", MOSCOW, "Сбер"), ("SPB", PETERSBURG, "Альфа")):
        save_account(company, BankAccount(unit, account, "RUB", name, BIC), actor)
        add_rule(company, BankRule(unit, "purpose", f"правило {unit}", "ignore", reason=f"так в {unit}"), actor)
        sold = Sale(unit=unit, date="2025-02-01", number="000123", counterparty="VEGA", contract="BUYER", lines=[Line(amount="100")])
        post_document(company, sold, actor)
        content = onec(Told("+100", **VEGA, purpose="с/ф 123"), Told("+7", "Некто"), account=account, opening="0", closing="107")
        import_statements(company, content, f"{unit}.txt", actor)
    become(company, "mara")
    return company


def become(conn: psycopg.Connection[Any], login: str) -> None:
    leave(conn)
    row = conn.execute("select id from access_user where username = %s", [login]).fetchone()
    assert row is not None
    enter(conn, rights_of(conn, row[0]))


def lines_of(conn: psycopg.Connection[Any], unit: str) -> list[int]:
    """Ids of all lines of a unit, read as the owner."""
    leave(conn)
    ids = [row.id for row in bank_lines(conn, LineFilter(units=(unit,)))]
    become(conn, "mara")
    return ids


def test_only_what_is_of_her_unit_is_seen(banks: psycopg.Connection[Any]) -> None:
    assert {row.unit for row in bank_lines(banks, LineFilter())} == {"MSK"}
    assert bank_lines(banks, LineFilter(units=("SPB",))) == []
    assert [row.name for row in bank_accounts(banks)] == ["Сбер"]
    assert [row.file for row in bank_statements(banks)] == ["MSK.txt"]
    assert [row.record.unit for row in bank_rules(banks)] == ["MSK"]
    assert {count.unit for count in line_states(banks, LineFilter())} == {"MSK"}
    assert unclaimed_count(banks) == 2
    assert [ours.name for ours in accounts_of_ours(banks)] == ["Сбер"]


def test_only_what_is_of_her_unit_is_proposed_and_confirmed(banks: psycopg.Connection[Any], actor: Actor) -> None:
    assert propose_lines(banks) == (1, 0, 1)
    assert propose_lines(banks, units=("SPB",)) == (0, 0, 0)
    (sure,) = sure_lines(banks)
    assert confirm_lines(banks, [sure], actor)[0].refusal is None
    leave(banks)
    states = {(row.unit, row.state) for row in bank_lines(banks, LineFilter())}
    assert states == {("MSK", "booked"), ("MSK", "unclaimed"), ("SPB", "unclaimed")}
    paid = "select u.code from document d join unit u on u.id = d.unit_id where d.kind = 'payment_from_customer'"
    assert banks.execute(paid).fetchall() == [("MSK",)]


def test_lines_of_another_unit_are_not_there(banks: psycopg.Connection[Any], actor: Actor) -> None:
    line = lines_of(banks, "SPB")[0]
    assert [done.refusal.code.value for done in confirm_lines(banks, [line], actor) if done.refusal] == ["unknown_reference"]
    payment = Payment(unit="SPB", date="", kind="other_in", amount="100", account="91.01")
    for verb in (
        lambda: claim_line(banks, line, payment, actor), lambda: assign_line(banks, line, "VEGA", actor),
        lambda: ignore_line(banks, line, "x", actor), lambda: restore_line(banks, line, actor), lambda: unconfirm_line(banks, line, actor),
    ):  # fmt: skip
        with pytest.raises(DomainError, match="unknown_reference"):
            verb()
    leave(banks)
    assert [row.state for row in bank_lines(banks, LineFilter(units=("SPB",)))] == ["unclaimed", "unclaimed"]


def test_files_accounts_and_rules_of_another_unit_are_refused(banks: psycopg.Connection[Any], actor: Actor) -> None:
    leave(banks)
    foreign = next(row.id for row in bank_rules(banks, ("SPB",)))
    become(banks, "mara")
    with pytest.raises(DomainError, match="bank_account_unknown"):
        import_statements(banks, onec(Told("+1"), account=PETERSBURG), "a.txt", actor)
    with pytest.raises(DomainError, match="unknown_reference"):
        drop_rule(banks, foreign, actor)
    with pytest.raises(DomainError, match="unknown_reference"):
        save_account(banks, BankAccount("SPB", russian_account("RUB", 9), "RUB"), actor)
    with pytest.raises(DomainError, match="unknown_reference"):
        add_rule(banks, BankRule("SPB", "purpose", "x", "ignore", reason="x"), actor)
    with pytest.raises(DomainError, match="unknown_reference"):
        save_party_account(banks, CounterpartyAccount("SPB", "METALL", SUPPLIERS, BIC), actor)
    with pytest.raises(DomainError, match="bank_account_taken"):
        save_account(banks, BankAccount("MSK", PETERSBURG, "RUB", "Моя"), actor)
    own = add_rule(banks, BankRule("MSK", "name", "Некто", "ignore", reason="не наше"), actor)
    propose_lines(banks)
    assert [row.state for row in bank_lines(banks, LineFilter())] == ["proposed", "ignored"]
    drop_rule(banks, own, actor)


def test_balances_agree_when_all_is_booked(banks: psycopg.Connection[Any], actor: Actor) -> None:
    propose_lines(banks)
    (ours,) = accounts_of_ours(banks)
    before = compared_balances(banks, ours)
    assert before is not None
    assert [(day.bank, day.books, day.unbooked) for day in before.days] == [(10700, 0, 10700)]
    nobodys = next(row.id for row in bank_lines(banks, LineFilter(states=("unclaimed",))))
    claim_line(banks, nobodys, Payment(unit="MSK", date="", kind="other_in", amount="7", account="91.01"), actor)
    assert [done.refusal for done in confirm_lines(banks, [row.id for row in bank_lines(banks, LineFilter())], actor)] == [None, None]
    after = compared_balances(banks, ours)
    assert after is not None
    assert [(day.bank, day.books, day.difference, day.unbooked) for day in after.days] == [(10700, 10700, 0, 0)]
    assert after.diverges_on is None


def test_orders_are_of_her_unit(banks: psycopg.Connection[Any], actor: Actor) -> None:
    leave(banks)
    keys = []
    for unit in ("MSK", "SPB"):
        terms = {"unit": unit, "counterparty": "METALL", "contract": "SUPPLIER"}
        post_document(banks, Purchase(date="2025-02-01", number=f"{unit}-1", lines=[Line(amount="30")], **terms), actor)
        save_party_account(banks, CounterpartyAccount(unit, "METALL", SUPPLIERS, BIC), actor)
        ours = next(ours for ours in accounts_of_ours(banks) if ours.unit.code == unit)
        (debt,) = payables(banks, ours)
        if unit == "SPB":
            keys = draft_payments(banks, ours, [Choice(debt.document)], date(2025, 3, 1), actor)
            foreign = debt.document
    become(banks, "mara")
    (ours,) = accounts_of_ours(banks)
    (debt,) = payables(banks, ours)
    assert (debt.number, debt.amount, debt.has_account) == ("MSK-1", 3000, True)
    with pytest.raises(DomainError, match="unknown_reference"):
        draft_payments(banks, ours, [Choice(foreign)], date(2025, 3, 1), actor)
    with pytest.raises(DomainError, match="unknown_reference"):
        write_orders(banks, keys, datetime(2025, 3, 1, 9), actor)
    drafts = draft_payments(banks, ours, [Choice(debt.document)], date(2025, 3, 1), actor)
    made = write_orders(banks, drafts, datetime(2025, 3, 1, 9), actor)
    assert [(order.payer.account, order.payee.account, order.amount_minor) for order in made.orders] == [(MOSCOW, SUPPLIERS, 3000)]


def test_who_only_reads_changes_nothing(banks: psycopg.Connection[Any], actor: Actor) -> None:
    line = lines_of(banks, "MSK")[0]
    leave(banks)
    add_user(banks, "vera", MSK="viewer")
    become(banks, "vera")
    propose_lines(banks)
    assert [row.state for row in bank_lines(banks, LineFilter())] == ["unclaimed", "unclaimed"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        import_statements(banks, onec(Told("+5"), account=MOSCOW), "b.txt", actor)
    audited = banks.execute("select count(*) from audit").fetchone()
    for verb in (lambda: ignore_line(banks, line, "x", actor), lambda: assign_line(banks, line, "VEGA", actor)):
        with pytest.raises(DomainError, match="bank_line_state"):
            verb()
    assert banks.execute("select count(*) from audit").fetchone() == audited
