"""Posting in parallel: other keys do not block, the same key waits its turn, nothing dead-locks, and nothing is lost.

Eight processes make random back-dated edits of documents of their own on the same contracts. In the end every check passes (among them
C-4.2.7: a full refold gives the stored rows, I6) and every document stands as its process left it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements import services
from setoff.settlements.checks import run_checks
from setoff.site import database
from setoff.trade.documents import Line, Sale
from setoff.trade.queries import decode_document
from tests.settlements.poster import Posters, amount_of, told_lines, wait_until_alone

Db = psycopg.Connection[Any]
PROCESSES = 8
VERBS = 30


def sale(number: int, contract: str) -> Sale:
    lines = [Line(amount="120.00", vat_rate="20")]
    return Sale(key=f"p-{number}", unit="MSK", date="2025-04-01", counterparty="VEGA", contract=contract, lines=lines)


@pytest.fixture
def other(company: Db) -> Iterator[Db]:
    """A second session, which gives up waiting for a lock after a short while."""
    with database.connect() as conn:
        conn.execute("set lock_timeout = '400ms'")
        yield conn


def test_other_keys_do_not_block(company: Db, other: Db, actor: Actor) -> None:
    """One session has posted and not committed; another posts the same kind for the same party on another contract, numbered by us."""
    services.post_document(company, sale(1, "BUYER"), actor)
    with company.transaction():
        services.post_document(company, sale(2, "BUYER"), actor)
        assert services.post_document(other, sale(3, "BUYER-2"), actor).changed
        services.post_document(company, sale(4, "BUYER"), actor)


def test_the_same_key_waits_its_turn(company: Db, other: Db, actor: Actor) -> None:
    with company.transaction():
        services.post_document(company, sale(1, "BUYER"), actor)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            services.post_document(other, sale(2, "BUYER"), actor)
    assert services.post_document(other, sale(2, "BUYER"), actor).changed
    assert company.execute("select count(*) from document").fetchone() == (2,)


def test_a_closing_waits_for_postings_and_keeps_others_out(company: Db, other: Db, actor: Actor) -> None:
    services.post_document(company, sale(1, "BUYER"), actor)
    with company.transaction():
        services.post_document(company, sale(2, "BUYER"), actor)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            close_period(other, "MSK", date(2025, 4, 30), actor)
    with company.transaction():
        close_period(company, "MSK", date(2025, 4, 30), actor)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            services.post_document(other, sale(3, "BUYER-2"), actor)


def test_a_posting_that_waited_for_a_closing_is_refused(company: Db, actor: Actor) -> None:
    """It had looked before the period was closed; the database refuses it, and it is told why."""
    services.post_document(company, sale(1, "BUYER"), actor)
    with database.connect() as waiting, ThreadPoolExecutor(1) as threads:
        with company.transaction():
            close_period(company, "MSK", date(2025, 4, 30), actor)
            posting = threads.submit(services.post_document, waiting, sale(2, "BUYER-2"), actor)
            query = "select count(*) from pg_locks where not granted and locktype = 'advisory'"
            while company.execute(query).fetchone() == (0,):
                time.sleep(0.01)
        with pytest.raises(DomainError) as caught:
            posting.result()
    assert caught.value.code == ErrorCode.PERIOD_CLOSED
    assert company.execute("select count(*) from document").fetchone() == (1,)


def test_a_document_that_was_posted_is_not_saved_into_a_closed_period(company: Db, actor: Actor) -> None:
    services.post_document(company, sale(1, "BUYER"), actor)
    close_period(company, "MSK", date(2025, 3, 31), actor)
    march = msgspec.structs.replace(sale(1, "BUYER"), date="2025-03-05", state="draft")
    services.unpost_document(company, "p-1", actor)
    with pytest.raises(DomainError) as caught:
        services.save_document(company, march, actor)
    assert caught.value.code == ErrorCode.PERIOD_CLOSED
    assert services.save_document(company, msgspec.structs.replace(march, key="p-2"), actor).changed  # a draft may


def test_eight_processes_lose_nothing(company: Db, tmp_path: Path) -> None:
    posters = Posters(tmp_path)
    processes = [posters.start(work="post", seed=seed, prefix=f"p{seed}", count=VERBS) for seed in range(PROCESSES)]
    for process in processes:
        posters.wait_for(done=process)
    posters.stop()
    wait_until_alone(company)
    assert {item.check.code: item.rows[:3] for item in run_checks(company) if item.rows and item.check.state == "error"} == {}
    assert company.execute("select deadlocks from pg_stat_database where datname = current_database()").fetchone() == (0,)
    told = {line["key"]: tuple(line["stands"]) for line in told_lines(posters.told) if line.get("stands")}
    assert len(told) > PROCESSES * 5
    query = """select document.key, status, content
               from document join version on version.unit_id = document.unit_id and version.id = document.version_id"""
    stored = {}
    for key, status, content in company.execute(query):
        document = decode_document(content)
        stored[key] = (status, document.date, amount_of(document))
    assert {key: stored[key] for key in told} == told
    assert {key for key in stored if not key.startswith("warm")} == set(told)
