"""Each refusal of the database, tried directly in SQL. The name of the rule is the constraint of the error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, LiteralString

import psycopg
import pytest

from setoff.settlements.records import EntryRow, TargetRow, insert_rows
from setoff.site import database
from tests.settlements import ledger
from tests.settlements.ledger import ADVANCE, BANK, NODE, RECEIVABLE, REVENUE, UNIT, Rows

Db = psycopg.Connection[Any]
STATES = {
    "append_only": "SE001",
    "orphan": "SE002",
    "entry_not_balanced": "SE003",
    "settlement_account_without_node": "SE004",
    "period_closed": "SE005",
    "lot_immutable": "SE006",
    "version_complete": "SE007",
    "period_not_contiguous": "SE009",
}
MARCH = date(2025, 3, 3)


@pytest.fixture(scope="module")
def story(server: str) -> Iterator[Db]:
    with database.throwaway(), database.connect() as conn:
        ledger.write_ledger(conn)
        conn.autocommit = False
        yield conn


@pytest.fixture
def books(story: Db) -> Iterator[Db]:
    """The same books for every test: what a test does is rolled back."""
    yield story
    story.rollback()


@pytest.fixture
def closed(books: Db) -> Db:
    """January is closed."""
    books.execute("insert into period values (1, '2025-01-01', '2025-01-31', 'closed')")
    return books


def refused(rule: str, act: Callable[[], Any]) -> None:
    with pytest.raises(psycopg.Error) as caught:
        act()
    assert caught.value.diag.constraint_name == rule, caught.value
    assert caught.value.sqlstate == STATES[rule]
    assert str(caught.value).startswith(rule + ": ")


@pytest.mark.parametrize(
    "statement",
    [
        "update version set author = 'x'", "delete from version", "truncate version",
        "update fact set book = book", "delete from fact where line = 99", "truncate fact",
        "update entry set amount = 1", "delete from entry", "truncate entry",
        "update fact_target set amount = 1", "delete from fact_target", "truncate fact_target",
        "update audit set verb = 'x'", "delete from audit", "truncate audit",
        "delete from document", "truncate document cascade",
        "update seal set reason = ''", "delete from seal", "truncate seal",
        "update seal_row set row_key = ''", "delete from seal_row", "truncate seal_row",
        "delete from period", "truncate period cascade",
    ],
)  # fmt: skip
def test_what_was_said_is_never_changed(books: Db, statement: LiteralString) -> None:
    refused("append_only", lambda: books.execute(statement))


def test_a_fact_needs_its_version(books: Db) -> None:
    rows = ledger.sale(9, MARCH)
    refused("orphan", lambda: insert_rows(books, rows.facts))


def test_a_fact_stands_at_the_moment_of_its_version(books: Db) -> None:
    rows = ledger.sale(9, MARCH)
    rows.facts[0] = rows.facts[0]._replace(moment=rows.facts[0].moment + 1)
    refused("orphan", lambda: ledger.write(books, rows))


def test_an_entry_needs_its_version(books: Db) -> None:
    refused("orphan", lambda: insert_rows(books, ledger.sale(9, MARCH).entries))


def test_an_entry_needs_a_known_account(books: Db) -> None:
    rows = ledger.sale(9, MARCH)
    rows.entries[1] = rows.entries[1]._replace(debit_account_id=12345)
    refused("orphan", lambda: ledger.write(books, rows))


def test_a_target_needs_its_version(books: Db) -> None:
    refused("orphan", lambda: insert_rows(books, [TargetRow(UNIT, 9, 1, 1, 1, 0, 100, 1, 0)]))


@pytest.mark.parametrize("kind", ["lots", "allocations", "postings"])
def test_a_derived_row_needs_its_document(books: Db, kind: str) -> None:
    rows = ledger.payment(9, MARCH, 100, pays=ledger.sale().lots[0], part=60)
    refused("orphan", lambda: insert_rows(books, getattr(rows, kind)))


def test_among_many_documents_the_missing_one_is_seen(books: Db) -> None:
    many = [ledger.sale(number, MARCH) for number in range(10, 60)]
    for place in range(len(many[0])):
        if place != 5:
            rows = [row for document in many for row in (document[place] if place > 1 else [document[place]])]
            insert_rows(books, rows)
    lots = [lot for document in many for lot in document.lots]
    insert_rows(books, lots[:60])
    refused("orphan", lambda: insert_rows(books, [*lots[60:], *ledger.sale(60, MARCH).lots]))


def test_an_allocation_needs_its_lot(books: Db) -> None:
    rows = ledger.payment(9, MARCH, 100, pays=ledger.sale().lots[0]._replace(line=2), part=60)
    refused("orphan", lambda: ledger.write(books, rows))


def test_a_posting_needs_its_node(books: Db) -> None:
    rows = ledger.sale(9, MARCH)
    rows.postings[0] = rows.postings[0]._replace(debit_node_id=NODE + 1)
    refused("orphan", lambda: ledger.write(books, rows))


def unbalanced_amount(rows: Rows) -> None:
    rows.entries[0] = rows.entries[0]._replace(amount=11_999)


def unbalanced_side(rows: Rows) -> None:
    rows.entries[0] = rows.entries[0]._replace(debit_fact=None, debit_account_id=BANK, credit_fact=1, credit_account_id=None)


def no_entries(rows: Rows) -> None:
    rows.entries.clear()


def entry_of_no_fact(rows: Rows) -> None:
    rows.entries.append(rows.entries[0]._replace(line=3, debit_fact=2))


@pytest.mark.parametrize("breaks", [unbalanced_amount, unbalanced_side, no_entries, entry_of_no_fact])
def test_the_entries_of_a_fact_carry_its_book_amount(books: Db, breaks: Callable[[Rows], None]) -> None:
    rows = ledger.sale(9, MARCH)
    breaks(rows)
    refused("entry_not_balanced", lambda: ledger.write(books, rows))


def test_a_fact_outside_the_regulated_contour_has_no_entries(books: Db) -> None:
    rows = ledger.sale(9, MARCH)
    rows.facts[0] = rows.facts[0]._replace(reg_key_id=None)
    refused("entry_not_balanced", lambda: ledger.write(books, rows))


@pytest.mark.parametrize("account", [RECEIVABLE, ADVANCE])
def test_an_entry_never_names_a_settlement_account(books: Db, account: int) -> None:
    rows = ledger.sale(9, MARCH)
    rows.entries[1] = rows.entries[1]._replace(debit_account_id=account)
    refused("settlement_account_without_node", lambda: ledger.write(books, rows))


def test_a_posting_on_a_settlement_account_has_a_node(books: Db) -> None:
    rows = ledger.sale(9, MARCH)
    rows.postings[0] = rows.postings[0]._replace(debit_node_id=None)
    refused("settlement_account_without_node", lambda: ledger.write(books, rows))


def test_a_posting_on_another_account_has_none(books: Db) -> None:
    rows = ledger.sale(9, MARCH)
    rows.postings[0] = rows.postings[0]._replace(credit_node_id=NODE)
    refused("settlement_account_without_node", lambda: ledger.write(books, rows))


def test_a_posting_is_not_moved_to_a_settlement_account(books: Db) -> None:
    move = f"update posting set debit_account_id = {RECEIVABLE} where document_id = 3"
    refused("settlement_account_without_node", lambda: books.execute(move))


def test_a_version_gets_no_more_facts(books: Db) -> None:
    fact = ledger.sale().facts[0]
    refused("version_complete", lambda: insert_rows(books, [fact._replace(line=2, reg_key_id=None)]))


def test_a_version_gets_no_more_entries(books: Db) -> None:
    refused("version_complete", lambda: insert_rows(books, [EntryRow(UNIT, 1, 3, None, BANK, None, REVENUE, 5, 0, "", "")]))


@pytest.mark.parametrize("column", ["key_id = key_id + 1", "document_id = 2", "line = 2", "node_id = 1", "moment = moment + 1",
                                    "rank = rank + 1", "due = '2025-01-01'", "amount = amount + 1", "book = book + 1",
                                    "unit_id = 2"])  # fmt: skip
def test_a_lot_keeps_what_it_was_opened_with(books: Db, column: str) -> None:
    refused("lot_immutable", lambda: books.execute(f"update lot set {column}"))


JANUARY = [
    "delete from posting where document_id = 2",
    "update posting set item = 'x' where document_id = 2",
    """update posting set moment = (select moment from document where id = 2), document_id = 2, line = 9
       where document_id = 3 and line = 1""",
    "delete from allocation where document_id = 2",
    "update allocation set own_book = own_book where document_id = 2",
    "delete from lot where document_id = 1",
    "update document set status = 'unposted', posted_version_id = null where id = 2",
    "update document set moment = (select moment from document where id = 3) + 1, date = '2025-02-05' where id = 1",
    "update document set posted_version_id = 3 where id = 1",
    "truncate posting", "truncate lot", "truncate allocation",
    """insert into version select unit_id, 4, document_id, 2, recorded_at, author, action, posted, moment, content,
       content_hash, facts_hash from version where id = 2""",
    """insert into version select unit_id, 4, 2, 2, recorded_at, author, 'unpost', false, moment, content, content_hash,
       facts_hash from version where id = 3""",
]  # fmt: skip


@pytest.mark.parametrize("statement", JANUARY)
def test_a_closed_period_is_not_written(closed: Db, statement: LiteralString) -> None:
    refused("period_closed", lambda: closed.execute(statement))


@pytest.mark.parametrize("statement", JANUARY)
def test_an_open_one_is(books: Db, statement: LiteralString) -> None:
    books.execute(statement)


@pytest.mark.parametrize("place", [0, 1, 2, 3, 5, 6, 7])
def test_no_row_of_a_posting_enters_a_closed_period(closed: Db, place: int) -> None:
    """Each table by itself: the others are written behind the guards."""
    rows = ledger.payment(9, date(2025, 1, 25), 100, pays=ledger.sale().lots[0], part=60)
    closed.execute("set session_replication_role = replica")
    for other in range(place):
        insert_rows(closed, rows[other] if other > 1 else [rows[other]])
    closed.execute("set session_replication_role = origin")
    refused("period_closed", lambda: insert_rows(closed, rows[place] if place > 1 else [rows[place]]))


def test_what_precedes_the_first_period_is_closed_too(closed: Db) -> None:
    refused("period_closed", lambda: ledger.write(closed, ledger.sale(9, date(2024, 5, 1))))


def test_a_closed_period_closes_one_unit_only(closed: Db) -> None:
    rows = ledger.sale(9, date(2025, 1, 25))
    insert_rows(closed, [rows.document._replace(unit_id=2)])
    insert_rows(closed, [rows.version._replace(unit_id=2)])


def test_a_lot_of_a_closed_period_is_used_up_later(closed: Db) -> None:
    """The advance of February is refunded in March; the January sale stays used up as it was."""
    ledger.set_residual(closed, 3, 0, ledger.moment_of(9, MARCH, 50))
    ledger.set_residual(closed, 1, 2_000)


def test_a_lot_used_up_in_a_closed_period_stays_used_up(closed: Db) -> None:
    closed.execute("insert into period values (1, '2025-02-01', '2025-02-28', 'closed')")
    refused("period_closed", lambda: ledger.set_residual(closed, 1, 100))


def test_a_lot_is_not_used_up_inside_a_closed_period(closed: Db) -> None:
    moment = ledger.moment_of(9, date(2025, 1, 25), 50)
    refused("period_closed", lambda: ledger.set_residual(closed, 3, 0, moment))


def test_a_draft_may_be_dated_in_a_closed_period_but_not_posted_there(closed: Db) -> None:
    rows = ledger.sale(9, date(2025, 1, 25))
    insert_rows(closed, [rows.document._replace(status="draft", posted_version_id=None)])
    insert_rows(closed, [rows.version._replace(posted=False)])
    insert_rows(closed, [rows.version._replace(posted=False, id=10, version_no=2)])
    refused("period_closed", lambda: insert_rows(closed, [rows.version._replace(id=11, version_no=3)]))


def test_a_document_that_was_posted_does_not_come_back_into_a_closed_period(closed: Db) -> None:
    rows = ledger.sale(9, MARCH)
    insert_rows(closed, [rows.document._replace(status="unposted", posted_version_id=None)])
    insert_rows(closed, [rows.version])
    back = rows.version._replace(id=10, version_no=2, posted=False, moment=ledger.moment_of(9, date(2025, 1, 25), 30))
    refused("period_closed", lambda: insert_rows(closed, [back]))


@pytest.mark.parametrize(
    "statement",
    [
        "insert into period values (1, '2025-03-01', '2025-03-31', 'open')",
        "insert into period values (1, '2025-01-15', '2025-02-28', 'open')",
        "insert into period values (1, '2025-02-01', '2025-02-28', 'open'), (1, '2025-03-01', '2025-03-31', 'closed')",
        """insert into period values (1, '2025-02-01', '2025-02-28', 'closed');
           update period set state = 'open' where last_day = '2025-01-31'""",
    ],
)
def test_periods_follow_one_another_and_close_in_order(closed: Db, statement: LiteralString) -> None:
    refused("period_not_contiguous", lambda: closed.execute(statement))


def test_the_story_itself_is_accepted(books: Db) -> None:
    assert books.execute("select count(*), sum(residual) from lot").fetchone() == (4, -6_000)
