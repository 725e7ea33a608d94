"""The audit trail is a part of the sealed chain: `verify` names a record that was altered, taken out or slipped in."""

from __future__ import annotations

from datetime import date
from time import sleep
from typing import Any, LiteralString

import psycopg
import pytest

from setoff.books.audit import Actor, record_audit
from setoff.books.services import close_period, reopen_period, seal_period
from setoff.books.verify import verify
from setoff.site import database
from tests.settlements import ledger
from tests.told import BooksOf

Db = psycopg.Connection[Any]
JANUARY, FEBRUARY = date(2025, 1, 31), date(2025, 2, 28)


@pytest.fixture
def books(books_of: BooksOf, actor: Actor) -> Db:
    return books_of(tell, actor)


def tell(db: Db, actor: Actor) -> None:
    """Two units; January closed and sealed; records of the unit, of the other unit and of none before and after."""
    ledger.write_ledger(db)
    record_audit(db, actor, "post", unit_id=1, document_id=1)
    record_audit(db, actor, "sign_in")
    record_audit(db, actor, "post", unit_id=2)
    close_period(db, "MSK", JANUARY, actor)
    record_audit(db, actor, "mark_for_deletion", unit_id=1, document_id=2)
    seal_period(db, "MSK", JANUARY, actor)


def covered(db: Db) -> list[tuple[int, int, str]]:
    return db.execute(
        "select s.unit_id, s.sequence, a.verb from seal_audit s join audit a on a.id = s.audit_id order by a.id"
    ).fetchall()


def test_a_link_covers_what_no_link_covered_before(books: Db, actor: Actor) -> None:
    assert covered(books) == [(1, 1, "post"), (1, 1, "sign_in"), (1, 2, "close_period"), (1, 2, "mark_for_deletion")]
    record_audit(books, actor, "sign_out")
    close_period(books, "SPB", JANUARY, actor)
    assert covered(books)[2:] == [(2, 1, "post"), (1, 2, "close_period"), (1, 2, "mark_for_deletion"), (2, 1, "sign_out")]
    assert verify(books) == []


TAMPERED: list[tuple[LiteralString, tuple[str, str]]] = [
    ("update audit set author = 'nobody' where verb = 'post' and unit_id = 1", ("audit_altered", "post")),
    ("update audit set recorded_at = recorded_at - interval '1 day' where verb = 'post' and unit_id = 1", ("audit_altered", "post")),
    ("update audit set details = '{\"reason\": \"\"}' where verb = 'mark_for_deletion'", ("audit_altered", "mark_for_deletion")),
    ("update audit set author = 'nobody' where verb = 'sign_in'", ("audit_altered", "sign_in")),
    ("delete from audit where verb = 'sign_in'", ("audit_missing", "")),
    ("delete from audit where verb = 'post' and unit_id = 1", ("audit_missing", "")),
    ("""insert into audit (recorded_at, author, origin, verb, unit_id, details)
        select recorded_at - interval '1 day', 'nobody', 'cli', 'unpost', 1, '{}' from audit where verb = 'post' and unit_id = 1""",
     ("audit_added", "unpost")),
    ("""insert into audit (recorded_at, author, origin, verb, details, written_in)
        select recorded_at - interval '1 day', 'nobody', 'cli', 'sign_in', '{}', written_in from audit where verb = 'sign_in'""",
     ("audit_added", "sign_in")),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "named"), TAMPERED)
def test_verify_names_the_record(books: Db, actor: Actor, statement: LiteralString, named: tuple[str, str]) -> None:
    assert verify(books) == []
    assert ledger.tamper(books, statement) == 1
    (finding,) = verify(books, "MSK")
    assert (finding.what, finding.kind) == named
    assert (finding.unit, finding.period, finding.relation) == ("MSK", JANUARY, "audit")
    assert verify(books, "SPB") == []


def test_a_record_slipped_in_before_a_later_link_is_found_too(books: Db, actor: Actor) -> None:
    ledger.tamper(books, "insert into audit (recorded_at, author, origin, verb, unit_id, details) "
                         "values (now() - interval '1 day', 'nobody', 'cli', 'unpost', 1, '{}')")  # fmt: skip
    close_period(books, "MSK", FEBRUARY, actor)
    assert [(finding.what, finding.kind) for finding in verify(books)] == [("audit_added", "unpost")]


def test_a_record_and_its_hash_altered_together_break_the_link(books: Db, actor: Actor) -> None:
    ledger.tamper(books, "update audit set author = 'nobody' where verb = 'mark_for_deletion'")
    ledger.tamper(books, "update seal_audit set sha256 = audit_sha256(a) from audit a where a.id = audit_id and a.author = 'nobody'")
    assert [finding.what for finding in verify(books)] == ["audit_link"]


def test_the_hash_of_the_records_is_a_part_of_the_link(books: Db) -> None:
    ledger.tamper(books, "update seal set audit_count = audit_count + 1 where sequence = 2")
    assert [finding.what for finding in verify(books)] == ["link_altered", "audit_link"]


def test_what_was_in_progress_while_a_link_was_made_is_covered_by_the_next(books: Db, actor: Actor) -> None:
    """A long import commits after a closing of another unit: its records carry an earlier time and yet hold."""
    with database.connect() as other:
        with other.transaction():
            record_audit(other, Actor("anna", "import"), "import")
            sleep(1.1)
            close_period(books, "MSK", FEBRUARY, actor)
        assert "import" not in [verb for *_, verb in covered(books)]
        assert verify(books) == []
        reopen_period(books, "MSK", FEBRUARY, actor, "again")
    assert (1, 4, "import") in covered(books)
    assert verify(books) == []


def test_the_trail_is_append_only(books: Db) -> None:
    for statement in ("update audit set author = 'x'", "delete from audit", "truncate audit", "delete from seal_audit"):
        with pytest.raises(psycopg.DatabaseError, match="append_only"):
            books.execute(statement)
