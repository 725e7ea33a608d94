"""A posting of a round that does not come to its end: killed, refused by the second person, taken back, gone on with. Numbers: group.py."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from typing import Any

import psycopg
import pytest

from setoff.access import approvals
from setoff.access.policies import set_policy
from setoff.access.queries import approvals as requests
from setoff.access.queries import rights_of, rights_of_owner
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.clearing.rounds.cancelling import cancel_round, unfinished
from setoff.clearing.rounds.posting import finalize_round, reverse_round
from setoff.clearing.rounds.queries import documents_of, round_of
from setoff.clearing.rounds.records import NewRound, Options
from setoff.clearing.rounds.services import open_round, solve_round
from setoff.core.errors import DomainError
from setoff.settlements.checks import run_checks
from tests.access.people import add_user
from tests.clearing.group import tell
from tests.told import BooksOf

Db = psycopg.Connection[Any]
DAY = date(2025, 3, 31)
PROGRAM = "import sys; from setoff.cli import run; sys.exit(run(sys.argv[1:]))"
FINAL = [sys.executable, "-W", "ignore", "-c", PROGRAM, "round", "final", "R1"]
WHOLE = Actor("whole", "test")
OWNER = Actor("tester", "test")


@pytest.fixture
def books(books_of: BooksOf, actor: Actor) -> Db:
    conn = books_of(tell, actor)
    open_round(conn, NewRound("R1", DAY, options=Options(needs_consent=False)), actor, rights_of_owner(conn, "tester"))
    solve_round(conn, "R1", actor)
    return conn


@pytest.fixture
def owner(books: Db) -> Rights:
    return rights_of_owner(books, "tester")


@pytest.fixture
def whole(books: Db) -> Rights:
    return rights_of(books, add_user(books, "whole", **dict.fromkeys(("ALFA-1", "BETA-1", "GAMMA-1"), "accountant")))


def waiting(conn: Db) -> list[int]:
    return [row.id for row in requests(conn, "pending")]


def states(conn: Db) -> list[tuple[str, str]]:
    """The documents that the round has, and how they stand; then the netting documents of the books that are not marked for deletion."""
    held = [(row.unit, row.status) for row in documents_of(conn, round_of(conn, "R1").id)]
    left = conn.execute("select key, status from document where kind = 'netting' and not deletion_mark order by key").fetchall()
    assert len(held) == len(left)
    return held


def residuals(conn: Db) -> list[tuple[Any, ...]]:
    return conn.execute("select unit_id, document_id, line, residual from lot order by 1, 2, 3, key_id").fetchall()


def until(conn: Db, query: str, expected: Any) -> None:
    """Until the database answers so."""
    given_up = time.monotonic() + 60
    while conn.execute(query).fetchone() != (expected,):
        assert time.monotonic() < given_up, query
        time.sleep(0.02)


def test_a_process_killed_while_it_posts_leaves_the_round_as_it_was(books: Db, owner: Rights) -> None:
    """It has posted the document of the first unit, and waits to note that when it is killed."""
    before = residuals(books)
    with books.transaction():
        books.execute("lock table round_document in share mode")
        process = subprocess.Popen(FINAL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(books, "select count(*) from pg_locks where relation = 'round_document'::regclass and not granted", 1)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    until(books, "select count(*) from pg_stat_activity where datname = current_database() and backend_type = 'client backend'", 1)
    assert (round_of(books, "R1").status, states(books), residuals(books)) == ("preliminary", [], before)
    assert cancel_round(books, "R1", OWNER, owner, because="nothing to take back").round.status == "preliminary"
    assert subprocess.run(FINAL, capture_output=True, check=False).returncode == 0
    assert round_of(books, "R1").status == "final"
    assert states(books) == [("ALFA-1", "posted"), ("BETA-1", "posted"), ("GAMMA-1", "posted")]
    assert [found for found in run_checks(books) if found.rows and found.check.state == "error"] == []


def test_a_posting_that_waits_is_taken_back_and_done_again(books: Db, owner: Rights, whole: Rights) -> None:
    before = residuals(books)
    set_policy(books, "set_off", OWNER, unit="BETA-1")
    finalize_round(books, "R1", WHOLE, whole)
    assert states(books) == [("ALFA-1", "posted"), ("BETA-1", "draft"), ("GAMMA-1", "posted")]
    result = round_of(books, "R1").result_hash
    done = cancel_round(books, "R1", WHOLE, whole, because="BETA disputes it")
    assert (done.round.status, done.round.posted_on, done.round.effect_on, done.round.result_hash) == ("preliminary", None, None, result)
    assert (waiting(books), states(books), residuals(books)) == ([], [], before)
    assert cancel_round(books, "R1", WHOLE, whole, because="again").outcomes == []
    finalize_round(books, "R1", WHOLE, whole)  # the documents are those of before
    approvals.approve(books, waiting(books)[0], OWNER, owner)
    assert finalize_round(books, "R1", WHOLE, whole).round.status == "final"
    with pytest.raises(DomainError, match="round_state"):
        cancel_round(books, "R1", WHOLE, whole, because="it is final")
    assert [found for found in run_checks(books) if found.rows and found.check.state == "error"] == []


def test_after_a_refusal_it_is_asked_for_again(books: Db, owner: Rights, whole: Rights) -> None:
    set_policy(books, "set_off", OWNER, unit="BETA-1")
    finalize_round(books, "R1", WHOLE, whole)
    approvals.refuse(books, waiting(books)[0], OWNER, owner, reason="first show me the act")
    assert (waiting(books), unfinished(books, round_of(books, "R1")) != []) == ([], True)
    finalize_round(books, "R1", WHOLE, whole)
    approvals.approve(books, waiting(books)[0], OWNER, owner)
    assert finalize_round(books, "R1", WHOLE, whole).round.status == "final"


def test_taking_back_may_need_a_second_person_too(books: Db, owner: Rights, whole: Rights) -> None:
    """BETA's was approved, GAMMA's is refused: BETA's leaves the books when that is approved."""
    for unit in ("BETA-1", "GAMMA-1"):
        set_policy(books, "set_off", OWNER, unit=unit)
    finalize_round(books, "R1", WHOLE, whole)
    first, second = waiting(books)
    approvals.approve(books, first, OWNER, owner)
    approvals.refuse(books, second, OWNER, owner, reason="GAMMA does not")
    done = cancel_round(books, "R1", WHOLE, whole, because="GAMMA does not")
    assert (done.round.status, sum(isinstance(row, approvals.Pending) for row in done.outcomes)) == ("posting", 1)
    assert cancel_round(books, "R1", WHOLE, whole, because="still waits").outcomes == []
    approvals.approve(books, waiting(books)[0], OWNER, owner)
    assert cancel_round(books, "R1", WHOLE, whole, because="approved").round.status == "preliminary"
    assert states(books) == []


def test_a_reversal_that_waits_is_taken_back_or_gone_on_with(books: Db, owner: Rights, whole: Rights) -> None:
    finalize_round(books, "R1", WHOLE, whole)
    posted = residuals(books)
    set_policy(books, "set_off", OWNER, unit="BETA-1")
    reverse_round(books, "R1", WHOLE, whole, on=date(2025, 4, 15), because="disputed")
    assert round_of(books, "R1").status == "final"
    assert cancel_round(books, "R1", WHOLE, whole, because="the dispute is over").round.status == "final"
    assert (waiting(books), residuals(books), len(documents_of(books, round_of(books, "R1").id))) == ([], posted, 3)
    reverse_round(books, "R1", WHOLE, whole, on=date(2025, 4, 20), because="disputed after all")
    approvals.refuse(books, waiting(books)[0], OWNER, owner, reason="the letter?")
    reverse_round(books, "R1", WHOLE, whole, on=date(2025, 5, 1), because="here it is")
    approvals.approve(books, waiting(books)[0], OWNER, owner)
    done = reverse_round(books, "R1", WHOLE, whole, on=date(2025, 5, 1), because="approved").round
    assert (done.status, done.reversed_on) == ("reversed", date(2025, 4, 20))  # the day of its documents


def test_what_stands_in_a_closed_period_is_not_taken_back(books: Db, owner: Rights, whole: Rights) -> None:
    set_policy(books, "set_off", OWNER, unit="BETA-1")
    finalize_round(books, "R1", WHOLE, whole)
    close_period(books, "ALFA-1", DAY, OWNER)
    with pytest.raises(DomainError, match="period_closed"):
        cancel_round(books, "R1", WHOLE, whole, because="too late")
    assert states(books) == [("ALFA-1", "posted"), ("BETA-1", "draft"), ("GAMMA-1", "posted")]
    assert len(waiting(books)) == 1
    approvals.approve(books, waiting(books)[0], OWNER, owner)
    assert finalize_round(books, "R1", WHOLE, whole).round.status == "final"
