"""Balances of parties: the same figures as the reports, and those kept in memory the same as those read anew, after every edit."""

from __future__ import annotations

import random
import time
from datetime import date
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.books.scope import Scope
from setoff.reports.ask import ask
from setoff.settlements import party_balances, party_queries
from setoff.settlements.known import refold_all
from setoff.settlements.party_balances import all_party_balances, joined
from setoff.settlements.services import post_document, unpost_document
from setoff.site import database
from tests.reports.story import payment, sale, tell
from tests.settlements.poster import document_of
from tests.told import BooksOf

Connection = psycopg.Connection[Any]
DAY = date(2025, 3, 31)


def unit_ids(conn: Connection) -> tuple[int, ...]:
    return tuple(unit_id for (unit_id,) in conn.execute("select id from unit order by id"))


def party_id(conn: Connection, code: str) -> int:
    row = conn.execute("select id from counterparty where code = %s", [code]).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def story(books_of: BooksOf) -> Connection:
    return books_of(tell)


def test_both_sides_of_the_story(story: Connection) -> None:
    found = all_party_balances(story, unit_ids(story), "reg", DAY)
    vega = found[party_id(story, "VEGA"), "RUB"]
    assert (vega.they_owe, vega.advance_received, vega.net) == (0, 200_00, -200_00)
    berlin = found[party_id(story, "BERLIN"), "EUR"]
    assert (berlin.receivable, berlin.net) == ((600_00, 0, 0, 0, 0), 600_00)
    metall = found[party_id(story, "METALL"), "RUB"]
    assert (metall.we_owe, metall.advance_paid, metall.net) == (0, 600_00, 600_00)


def test_the_day_after_the_due_day_is_overdue(story: Connection) -> None:
    found = all_party_balances(story, unit_ids(story), "reg", date(2025, 4, 1))[party_id(story, "BERLIN"), "EUR"]
    assert found.overdue_receivable == 600_00 and found.oldest_receivable == DAY


def test_the_management_contour_has_its_own_figures(story: Connection) -> None:
    found = all_party_balances(story, unit_ids(story), "mgmt", DAY)[party_id(story, "VEGA"), "RUB"]
    assert found.advance_received == 100_00


def test_totals_are_those_of_the_ageing_report(story: Connection) -> None:
    found = all_party_balances(story, unit_ids(story), "reg", date(2025, 2, 28)).values()
    report = ask(story, "ageing", as_of="2025-02-28", options={"side": ["receivable"]})
    debts = {row.currency: 0 for row in report.sections[0].rows}
    for row in report.sections[0].rows:
        debts[row.currency] += row.total
    assert debts == {balance.currency: balance.they_owe for balance in found if balance.they_owe}


def test_what_is_kept_stays_what_would_be_read(company: Connection, actor: Actor) -> None:
    chance, units = random.Random(5), unit_ids(company)
    for number in range(60):
        document = document_of("b", chance.randrange(16), chance)
        if chance.random() < 0.2 and company.execute("select from document where key = %s", [document.key]).fetchone():
            unpost_document(company, document.key, actor)
        else:
            post_document(company, document, actor)
        if number % 4 == 0:
            kept = all_party_balances(company, units, "mgmt", date(2025, 6, 30))
            assert kept == joined(party_queries.side_balances(company, Scope(units), "mgmt", date(2025, 6, 30)))


def test_an_import_reads_everything_anew(company: Connection, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(party_balances, "CHANGED_MAX", 1)
    for number in range(3):
        post_document(company, sale("2025-01-10", f"A-{number}", "100.00"), actor)
        found = all_party_balances(company, unit_ids(company), "reg", DAY)
        assert found[party_id(company, "VEGA"), "RUB"].they_owe == 100_00 * (number + 1)


def test_a_refold_reads_everything_anew(story: Connection) -> None:
    """It mends rows without a version; only what it leaves in the books tells of it."""
    name = (party_id(story, "METALL"), "RUB")
    story.execute("alter table lot disable trigger user")
    story.execute("update lot set amount = amount * 2, residual = residual * 2 where residual = 60000")
    story.execute("alter table lot enable trigger user")
    assert all_party_balances(story, unit_ids(story), "reg", DAY)[name].advance_paid == 1_200_00
    refold_all(story, Actor("tester", "test"))
    assert all_party_balances(story, unit_ids(story), "reg", DAY)[name].advance_paid == 600_00


def test_a_process_keeps_few_questions(story: Connection) -> None:
    for day in range(1, 10):
        all_party_balances(story, unit_ids(story), "reg", date(2025, 3, day))
    assert len(party_balances._kept) == party_balances.KEPT_MAX


def test_open_lots_page_by_page_are_all_of_them(story: Connection) -> None:
    post_document(story, sale("2025-03-20", "S-3", "50.00"), Actor("tester", "test"))
    scope = Scope(unit_ids(story))
    whole = party_queries.open_lots(story, scope, "mgmt", DAY, limit=100)
    found, after = [], None
    while part := party_queries.open_lots(story, scope, "mgmt", DAY, after=after, limit=1):
        found += part
        after = part[0].place
    assert found == whole and len(whole) > 2


def test_a_balance_over_time_ends_at_the_balance(story: Connection) -> None:
    scope = Scope(unit_ids(story), counterparties=(party_id(story, "VEGA"),))
    steps = party_queries.balance_steps(story, scope, "reg", date(2025, 3, 20))
    assert [(step.day, step.balance) for step in steps] == [
        (date(2025, 1, 31), 700_00), (date(2025, 2, 28), 300_00), (date(2025, 3, 20), -200_00),
    ]  # fmt: skip


def test_discharges_tell_when_each_part_was_paid(story: Connection) -> None:
    post_document(story, sale("2025-03-25", "S-4", "150.00", "2025-04-24"), Actor("tester", "test"))
    scope = Scope(unit_ids(story), counterparties=(party_id(story, "VEGA"),))
    found = party_queries.discharges(story, scope, "reg", date(2025, 1, 1), DAY)
    assert sorted((part.paid_on, (part.paid_on - part.due).days, part.amount) for part in found) == [
        (date(2025, 1, 20), -11, 500_00), (date(2025, 2, 15), -20, 300_00), (date(2025, 2, 15), 15, 700_00),
        (date(2025, 3, 12), -43, 150_00), (date(2025, 3, 12), 5, 300_00),
    ]  # fmt: skip


def test_a_refund_is_no_payment_of_a_debt(story: Connection) -> None:
    post_document(story, payment("2025-03-20", "R-9", "100.00", "refund_to_customer"), Actor("tester", "test"))
    scope = Scope(unit_ids(story), counterparties=(party_id(story, "VEGA"),))
    assert all(part.paid_on < date(2025, 3, 20) for part in party_queries.discharges(story, scope, "reg", date(2025, 1, 1), DAY))


def wait_for_older_transactions(conn: Connection) -> None:
    """Those of other databases of the server count too: what they might be is not taken for seen."""
    own = "select not exists (select from version where written_in >= pg_snapshot_xmin(pg_current_snapshot()))"
    until = time.monotonic() + 60
    while conn.execute(own).fetchone() != (True,):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_an_import_is_read_once(company: Connection, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its documents are many; they were seen, though."""
    monkeypatch.setattr(party_balances, "CHANGED_MAX", 1)
    for number in range(3):
        post_document(company, sale("2025-01-10", f"A-{number}", "100.00"), actor)
    wait_for_older_transactions(company)
    first = all_party_balances(company, unit_ids(company), "reg", DAY)
    read: list[Scope] = []
    plain = party_queries.side_balances

    def counted(conn: Connection, scope: Scope, contour: str, as_of: date) -> Any:
        read.append(scope)
        return plain(conn, scope, contour, as_of)

    monkeypatch.setattr(party_balances, "side_balances", counted)
    assert all_party_balances(company, unit_ids(company), "reg", DAY) == first
    assert read == []
    post_document(company, sale("2025-01-11", "A-3", "50.00"), actor)
    later = all_party_balances(company, unit_ids(company), "reg", DAY)
    assert later[party_id(company, "VEGA"), "RUB"].they_owe == 350_00
    assert [scope.counterparties for scope in read] == [(party_id(company, "VEGA"),)]


def test_what_was_not_over_at_the_last_look_is_read_at_the_next(company: Connection, actor: Actor) -> None:
    with database.connect() as other, other.transaction():
        post_document(other, sale("2025-01-10", "A-1", "100.00"), actor)
        assert all_party_balances(company, unit_ids(company), "reg", DAY) == {}
    assert all_party_balances(company, unit_ids(company), "reg", DAY)[party_id(company, "VEGA"), "RUB"].they_owe == 100_00
