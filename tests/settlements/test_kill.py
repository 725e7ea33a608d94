"""Processes killed in the middle of posting and of importing leave books in which every check passes and nothing told is lost.

Two hundred kills (SIGKILL) at random points of what the work was measured to take.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff.settlements.checks import run_checks
from tests.settlements.poster import Posters, told_lines, wait_until_alone

Db = psycopg.Connection[Any]
KILLS_POSTING = 160
KILLS_IMPORTING = 40
IMPORTED = 60


@pytest.fixture
def posters(company: Db, tmp_path: Path) -> Iterator[Posters]:
    found = Posters(tmp_path)
    yield found
    found.stop()


def broken_checks(conn: Db) -> dict[str, list[Any]]:
    return {item.check.code: item.rows[:3] for item in run_checks(conn) if item.rows and item.check.state == "error"}


def test_a_killed_posting_leaves_nothing_half_done(company: Db, posters: Posters) -> None:
    chance = random.Random(1)
    usual = posters.pace(work="post", seed=1000, prefix="k", count=20) / 20
    for attempt in range(KILLS_POSTING):
        process = posters.start(work="post", seed=attempt, prefix="k", count=None)
        posters.wait_for(begins=process)
        if attempt % 3 == 0:  # however slow the machine, some are killed after they posted
            posters.wait_for_more("key")
        time.sleep(chance.uniform(0, 5 * usual))
        os.kill(process, signal.SIGKILL)
        if attempt % 40 == 39:
            wait_until_alone(company)
            assert broken_checks(company) == {}
    told = [line["key"] for line in told_lines(posters.told) if "key" in line]
    assert len(told) >= KILLS_POSTING / 3  # they were at work
    stored = {row[0] for row in company.execute("select key from document")}
    assert set(told) <= stored


def test_a_killed_import_is_whole_or_not_at_all(company: Db, posters: Posters) -> None:
    chance = random.Random(2)
    usual = posters.pace(work="import", seed=0, prefix="i0", count=IMPORTED)
    for attempt in range(1, KILLS_IMPORTING + 1):
        process = posters.start(work="import", seed=attempt, prefix=f"i{attempt}", count=IMPORTED)
        posters.wait_for(begins=process)
        if attempt % 4 == 0:  # however slow the machine, some come through
            posters.wait_for(imported=f"i{attempt}")
        else:
            time.sleep(chance.uniform(0, 1.2 * usual) if attempt % 4 > 1 else 0)  # and some are cut off
        os.kill(process, signal.SIGKILL)
    wait_until_alone(company)
    assert broken_checks(company) == {}
    query = "select split_part(key, '-', 1), count(*) from document group by 1"
    counts = dict(company.execute(query).fetchall())
    del counts["warm"]
    assert set(counts.values()) == {IMPORTED}
    told = {line["imported"] for line in told_lines(posters.told) if "imported" in line}
    assert told <= set(counts)
    assert KILLS_IMPORTING / 4 <= len(counts) - 1 < KILLS_IMPORTING
