"""All reports tie to each other and to the ledger, over histories of every kind of document: typed, edited, moved, taken back, in several
currencies and two organizations, at drawn days, in both contours. And what was known at an instant is said the same when more is known.

A new kind of document needs its line in `makers.py`, a new report its tie in `ties_of_books.py` or `ties_of_settlements.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from random import Random
from typing import Any, Final

import psycopg
import pytest

from setoff.reports.ask import ask
from setoff.reports.files import render_json
from setoff.reports.registry import REPORTS
from setoff.site import database
from setoff.trade.kinds import KINDS
from tests.reports import ties_of_books, ties_of_now, ties_of_settlements
from tests.reports.any_history import go_on, tell
from tests.reports.makers import MAKERS
from tests.reports.truth import Asked, Truth
from tests.settlements.test_books_properties import assert_sound

Db = psycopg.Connection[Any]
TIES: Final = {**ties_of_books.TIES, **ties_of_settlements.TIES}
STEPS: Final = 130
LATER: Final = 40
LAST_DAY: Final = date(2025, 3, 20)
"""Everything is dated before it, and what is due later is not all due."""
SAYS_LATER: Final = ("expected-actual",)
"""Asked as known at an instant, it compares with what was expected then, not on the evening before."""


@pytest.fixture(scope="module")
def books(server: str) -> Iterator[Db]:
    with database.throwaway(), database.connect() as conn:
        yield conn


def test_every_kind_of_document_is_drawn() -> None:
    missing, unknown = sorted(KINDS.keys() - MAKERS.keys()), sorted(MAKERS.keys() - KINDS.keys())
    assert missing == [], f"tests/reports/makers.py draws no document of {', '.join(missing)}"
    assert unknown == []


def test_every_report_is_tied() -> None:
    missing, unknown = sorted(REPORTS.keys() - TIES.keys()), sorted(TIES.keys() - REPORTS.keys())
    assert missing == [], f"nothing says what {', '.join(missing)} ties to: tests/reports/ties_of_books.py, ties_of_settlements.py"
    assert unknown == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reports_tie_over_any_history(books: Db, seed: int) -> None:
    history = tell(books, seed, STEPS)
    said, known = answers(books), now(books)
    go_on(books, history, LATER)
    missing = sorted(KINDS.keys() - history.posted)
    assert missing == [], f"no document of {', '.join(missing)} was accepted in any of its turns: tests/reports/makers.py"
    assert_sound(books)
    chance, truth = Random(seed), Truth(books)
    for day in (date(2025, 2, chance.randrange(2, 28)), LAST_DAY):
        since = date(2025, 2, chance.randrange(1, min(day.day, 27) + 1))
        for contour in ("reg", "mgmt"):
            asked = Asked(books, truth, since, day, contour)
            for tie in (*TIES.values(), *ties_of_now.TIES.values()):
                tie(asked)
    assert answers(books, known) == said


def now(db: Db) -> datetime:
    row = db.execute("select clock_timestamp()").fetchone()
    assert row is not None
    found: datetime = row[0]
    return found


def answers(db: Db, known: datetime | None = None) -> dict[str, str]:
    """Every report over everybody, as known at an instant."""
    parties = [code for (code,) in db.execute("select code from counterparty order by code")]
    found = {}
    for name, definition in REPORTS.items():
        if definition.is_of_now or name in SAYS_LATER:
            continue
        options: dict[str, list[str]] = {"counterparty": parties} if ("counterparty", "contract", "partner") in definition.required else {}
        options |= {"account": ["62", "60", "76", "51"]} if ("account",) in definition.required else {}
        options |= {"organization": ["ROMASHKA"]} if ("organization", "unit") in definition.required else {}
        options |= {"known-at": [known.isoformat()]} if known else {}
        text = render_json(ask(db, name, as_of=LAST_DAY.isoformat(), options=options), "en")
        found[name] = text.replace(f'"{known.isoformat()}"', "null") if known else text
    return found
