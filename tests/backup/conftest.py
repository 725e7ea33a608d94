"""A company with some months of documents, one of them closed and sealed; what a restore keeps aside is dropped afterwards."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from setoff.books.services import close_period, seal_period
from setoff.settlements.services import post_document
from setoff.site import database
from tests.reports.story import ACTOR, DOCUMENTS
from tests.settlements.poster import Posters

Db = psycopg.Connection[Any]


@pytest.fixture
def books(company: Db, server: str) -> Iterator[Db]:
    name = company.info.dbname
    for document in DOCUMENTS:
        post_document(company, document, ACTOR)
    close_period(company, "MSK", date(2025, 1, 31), ACTOR)
    seal_period(company, "MSK", date(2025, 1, 31), ACTOR)
    yield company
    with database.connect(make_conninfo(server, dbname="postgres")) as admin:
        admin.execute(f"drop database if exists {name}_before_restore with (force)")


@pytest.fixture
def posters(books: Db, tmp_path: Path) -> Iterator[Posters]:
    """Processes that post at random, for as long as the test runs."""
    found = Posters(tmp_path)
    started: list[int] = []
    begin = found.start
    found.start = lambda **order: started.append(begin(**order)) or started[-1]  # type: ignore[method-assign, func-returns-value]
    yield found
    for process in started:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    found.stop()
