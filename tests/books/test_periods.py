"""Periods close in order, seal, reopen with a reason; and `verify` names every row that was tampered with."""

from __future__ import annotations

from datetime import date
from typing import Any, LiteralString

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.books.queries import closed_until, closed_year, periods
from setoff.books.services import close_period, reopen_period, reopen_sealed_period, seal_period
from setoff.books.verify import verify
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import end_of
from tests.settlements import ledger
from tests.settlements.ledger import MGMT_KEY, REG_KEY
from tests.told import BooksOf

Db = psycopg.Connection[Any]
JANUARY, FEBRUARY, MARCH = date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)


@pytest.fixture
def books(books_of: BooksOf) -> Db:
    return books_of(ledger.write_ledger)


def refusal(code: ErrorCode) -> Any:
    return pytest.raises(DomainError, match=f"^{code.value}: ")


def test_a_unit_without_periods_is_open(books: Db) -> None:
    assert closed_until(books, [1, 2]) == {}
    assert closed_year(books, 1) == 0
    assert periods(books) == []


def test_the_first_period_begins_with_the_month_of_the_first_document(books: Db, actor: Actor) -> None:
    close_period(books, "MSK", FEBRUARY, actor)
    assert [row[:4] for row in periods(books)] == [("MSK", date(2025, 1, 1), FEBRUARY, "closed")]
    assert closed_until(books, [1, 2]) == {1: end_of(FEBRUARY)}


def test_a_year_is_closed_with_its_last_day(books: Db, actor: Actor) -> None:
    close_period(books, "MSK", date(2025, 11, 30), actor)
    assert closed_year(books, 1) == 2024
    close_period(books, "MSK", date(2025, 12, 31), actor)
    assert closed_year(books, 1) == 2025


def test_a_period_ends_with_a_month(books: Db, actor: Actor) -> None:
    with refusal(ErrorCode.INVALID_VALUE):
        close_period(books, "MSK", date(2025, 1, 30), actor)


def test_periods_close_in_order_and_once(books: Db, actor: Actor) -> None:
    close_period(books, "MSK", FEBRUARY, actor)
    with refusal(ErrorCode.PERIOD_NOT_CONTIGUOUS):
        close_period(books, "MSK", JANUARY, actor)
    with refusal(ErrorCode.PERIOD_STATE):
        close_period(books, "MSK", FEBRUARY, actor)
    close_period(books, "MSK", MARCH, actor)
    assert [row.first_day for row in periods(books, "MSK")] == [date(2025, 1, 1), date(2025, 3, 1)]


def test_periods_reopen_in_reverse_order_with_a_reason(books: Db, actor: Actor) -> None:
    for day in (JANUARY, FEBRUARY):
        close_period(books, "MSK", day, actor)
    with refusal(ErrorCode.PERIOD_NOT_CONTIGUOUS):
        reopen_period(books, "MSK", JANUARY, actor, "late invoice")
    with refusal(ErrorCode.FIELD_MISSING):
        reopen_period(books, "MSK", FEBRUARY, actor, " ")
    reopen_period(books, "MSK", FEBRUARY, actor, "late invoice")
    reopen_period(books, "MSK", JANUARY, actor, "late invoice")
    assert closed_until(books, [1]) == {}
    with refusal(ErrorCode.PERIOD_NOT_CONTIGUOUS):
        close_period(books, "MSK", FEBRUARY, actor)
    log = books.execute("select verb, details ->> 'reason' from audit order by id").fetchall()
    assert log == [("close_period", "")] * 2 + [("reopen_period", "late invoice")] * 2


def test_a_sealed_period_is_final_but_for_an_explicit_override(books: Db, actor: Actor) -> None:
    with refusal(ErrorCode.UNKNOWN_REFERENCE):
        seal_period(books, "MSK", JANUARY, actor)
    close_period(books, "MSK", JANUARY, actor)
    seal_period(books, "MSK", JANUARY, actor)
    with refusal(ErrorCode.PERIOD_STATE):
        reopen_period(books, "MSK", JANUARY, actor, "late invoice")
    with refusal(ErrorCode.PERIOD_STATE):
        seal_period(books, "MSK", JANUARY, actor)
    reopen_sealed_period(books, "MSK", JANUARY, actor, "court order")
    assert closed_until(books, [1]) == {}
    assert books.execute("select details ->> 'was' from audit order by id desc limit 1").fetchone() == ("sealed",)


def test_an_altered_period_is_not_sealed(books: Db, actor: Actor) -> None:
    close_period(books, "MSK", JANUARY, actor)
    ledger.tamper(books, "update posting set amount = amount + 1 where document_id = 1 and line = 1")
    with refusal(ErrorCode.PERIOD_ALTERED):
        seal_period(books, "MSK", JANUARY, actor)


def test_an_unknown_unit_is_told(books: Db, actor: Actor) -> None:
    with refusal(ErrorCode.UNKNOWN_REFERENCE):
        close_period(books, "NOWHERE", JANUARY, actor)


def test_every_link_holds_the_hash_of_the_one_before(books: Db, actor: Actor) -> None:
    close_period(books, "MSK", JANUARY, actor)
    reopen_period(books, "MSK", JANUARY, actor, "late invoice")
    close_period(books, "MSK", JANUARY, actor)
    seal_period(books, "MSK", JANUARY, actor)
    links = books.execute("select action, previous_hash, hash from seal order by sequence").fetchall()
    assert [link[0] for link in links] == ["close", "reopen", "close", "seal"]
    assert [link[1] for link in links] == [bytes(32), *(link[2] for link in links[:-1])]
    assert verify(books) == []


def test_work_in_open_periods_leaves_seals_alone(books: Db, actor: Actor) -> None:
    """The advance of February is used by a sale of March, and a document of March has two versions."""
    close_period(books, "MSK", JANUARY, actor)
    close_period(books, "MSK", FEBRUARY, actor)
    sale = ledger.sale(4, date(2025, 3, 3))
    ledger.write(books, sale)
    ledger.set_residual(books, 3, 0, sale.document.moment)
    books.execute("update document set status = 'unposted', posted_version_id = null where id = 4")
    ledger.insert_rows(books, [sale.version._replace(id=5, version_no=2, posted=False)])
    draft = ledger.sale(6, date(2025, 1, 15))
    ledger.insert_rows(books, [draft.document._replace(status="draft", posted_version_id=None)])
    ledger.insert_rows(books, [draft.version._replace(posted=False)])
    assert verify(books) == []


def test_the_last_version_of_a_document_that_was_posted_is_sealed(books: Db, actor: Actor) -> None:
    """When it was unposted decides what was known then."""
    sale = ledger.sale(4, date(2025, 1, 15))
    ledger.write(books, sale)
    ledger.tamper(books, "delete from lot where document_id = 4; delete from posting where document_id = 4")
    books.execute("update document set status = 'unposted', posted_version_id = null, version_id = 5 where id = 4")
    ledger.insert_rows(books, [sale.version._replace(id=5, version_no=2, posted=False)])
    close_period(books, "MSK", JANUARY, actor)
    assert verify(books) == []
    ledger.tamper(books, "update version set recorded_at = recorded_at - interval '1 day' where id = 5")
    assert [(finding.what, finding.relation, finding.row) for finding in verify(books)] == [("altered", "version", "5")]


TAMPERED: list[tuple[LiteralString, tuple[str, ...]]] = [
    ("update document set number = '77' where id = 2", ("altered", "document", "payment_from_customer", "77", "")),
    ("update document set status = 'unposted', posted_version_id = null where id = 2",
     ("missing", "document", "payment_from_customer", "2", "")),
    ("update version set content = replace(content, '120', '130') where id = 1", ("altered", "version", "sale", "1", "1")),
    ("update version set recorded_at = recorded_at - interval '1 day' where id = 1", ("altered", "version", "sale", "1", "1")),
    ("update fact set due = '2025-05-05' where version_id = 1", ("altered", "fact", "sale", "1", "1/1")),
    ("delete from fact where version_id = 2", ("missing", "fact", "payment_from_customer", "2", "2/1")),
    ("insert into fact_target values (1, 2, 1, 1, 1, 0, 10000, 1, 0)",
     ("added", "fact_target", "payment_from_customer", "2", "2/1/1")),
    ("update entry set vat_rate = '10' where version_id = 1 and line = 2", ("altered", "entry", "sale", "1", "1/2")),
    ("update lot set due = '2025-05-05' where document_id = 1 and key_id = (select reg_key_id from node)",
     ("altered", "lot", "sale", "1", f"{REG_KEY}/1")),
    ("delete from allocation where document_id = 2 and key_id = (select mgmt_key_id from node)",
     ("missing", "allocation", "payment_from_customer", "2", f"{MGMT_KEY}/1/1/1/4")),
    ("update posting set amount = 11999 where document_id = 1 and line = 1", ("altered", "posting", "sale", "1", "1")),
    ("""insert into posting select unit_id, 2, 9, moment - 1, kind, debit_account_id, debit_node_id, credit_account_id,
        credit_node_id, amount, settlement_amount, vat_rate, item from posting where document_id = 2""",
     ("added", "posting", "payment_from_customer", "2", "9")),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "named"), TAMPERED)
def test_verify_names_the_row(books: Db, actor: Actor, statement: LiteralString, named: tuple[str, ...]) -> None:
    close_period(books, "MSK", JANUARY, actor)
    seal_period(books, "MSK", JANUARY, actor)
    assert verify(books, "MSK") == []
    assert ledger.tamper(books, statement) == 1
    (finding,) = verify(books)
    assert (finding.unit, finding.period) == ("MSK", JANUARY)
    assert (finding.what, finding.relation, finding.kind, finding.number, finding.row) == named
    assert verify(books, "SPB") == []


def test_a_document_moved_to_another_period_is_missing_in_its_own(books: Db, actor: Actor) -> None:
    close_period(books, "MSK", JANUARY, actor)
    ledger.tamper(books, "update lot set moment = moment + (31::bigint << 43) where document_id = 1 and line = 1")
    found = {(finding.what, finding.relation, finding.row) for finding in verify(books)}
    assert found == {("missing", "lot", f"{REG_KEY}/1"), ("missing", "lot", f"{MGMT_KEY}/1")}


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update seal set author = 'somebody' where sequence = 1", ["link_altered"]),
        ("update seal set hash = sha256(hash) where sequence = 1", ["link_altered", "link_broken", "link_missing"]),
        ("update seal set previous_hash = sha256('') where sequence = 2", ["link_altered", "link_broken"]),
        ("delete from seal where sequence = 2", ["link_missing", "state_differs"]),
        ("update period set state = 'open' where state = 'sealed'", ["state_differs"]),
        ("update period set state = 'closed' where state = 'sealed'", ["state_differs"]),
        ("update seal_row set sha256 = sha256('') where relation = 'version' and document_id = 1", ["rows_altered", "altered"]),
        ("delete from seal_row where relation = 'version' and document_id = 1", ["rows_altered", "added"]),
    ],
)
def test_verify_names_what_is_wrong_with_the_chain(books: Db, actor: Actor, statement: LiteralString, what: list[str]) -> None:
    close_period(books, "MSK", JANUARY, actor)
    seal_period(books, "MSK", JANUARY, actor)
    assert ledger.tamper(books, statement) == 1
    assert [finding.what for finding in verify(books)] == what


def test_a_row_and_its_hash_altered_together_break_the_link(books: Db, actor: Actor) -> None:
    """Who alters a row and the hash of it leaves the hash over all of them."""
    close_period(books, "MSK", JANUARY, actor)
    ledger.tamper(books, "update fact set label = 'x' where version_id = 1")
    found = books.execute("select document_id, row_key from seal_row where relation = 'fact' and document_id = 1").fetchone()
    assert found == (1, "1/1")
    reopen_period(books, "MSK", JANUARY, actor, "to see the hash of the altered row")
    close_period(books, "MSK", JANUARY, actor)
    ledger.tamper(
        books,
        """update seal_row old set sha256 = new.sha256 from seal_row new
           where old.sequence = 1 and new.sequence = 3 and (old.relation, old.row_key) = (new.relation, new.row_key)
             and old.sha256 <> new.sha256""",
    )
    assert [finding.what for finding in verify(books)] == ["rows_altered"]
