"""The story in the test's own database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from setoff.reports.ask import ask
from setoff.reports.report import Report
from tests.reports.story import tell
from tests.told import BooksOf

Asker = Callable[..., Report]


@pytest.fixture
def story(books_of: BooksOf) -> psycopg.Connection[Any]:
    return books_of(tell)


@pytest.fixture
def report(story: psycopg.Connection[Any]) -> Asker:
    """`report(name, as_of, counterparty="VEGA", ...)`: options by name, `since` for --from, underscores for hyphens."""
    def asked(name: str, as_of: str = "2025-03-31", *, language: Any = "en", **options: str) -> Report:
        given = {("from" if key == "since" else key.replace("_", "-")): [value] for key, value in options.items()}
        return ask(story, name, as_of=as_of, options=given, language=language)

    return asked
