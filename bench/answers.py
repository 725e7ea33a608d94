"""How long a report takes to answer: wall milliseconds of the whole question (codes resolved, rows built), without printing."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from typing import Any

from setoff.reports.ask import ask

MONTHS = [date(year, month, 1) for year in (2024, 2025) for month in range(1, 13)]
PAST_DAYS = ("2024-06-30", "2025-03-31", "2025-11-15")
CARDS = 40
KNOWN = """
  select min(recorded_at) - interval '1 microsecond' from version where author = 'bench' and unit_id = any(
    select id from unit) and document_id in (select id from document where date > '2025-12-31')"""


def measure(conn: Any) -> dict[str, Any]:
    """Medians over many month ends, partners and past days, after one question of the kind to warm up."""
    month_ends = [(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)) for first in MONTHS]
    parties = conn.execute(
        "select counterparty.code from (select distinct counterparty_id from fold_key order by 1 limit %s) few"
        " join counterparty on counterparty.id = few.counterparty_id",
        [CARDS],
    ).fetchall()
    (known_at,) = conn.execute(KNOWN).fetchone()
    balance = [
        lambda first=first, last=last: ask(conn, "turnover-balance", as_of=str(last), options={"from": [str(first)]})
        for first, last in month_ends
    ]
    card = [lambda code=code: ask(conn, "card", as_of="2025-12-31", options={"counterparty": [code]}) for (code,) in parties]
    ageing = [
        lambda day=day, contour=contour: ask(conn, "ageing", as_of=day, options={"contour": [contour]})
        for day in PAST_DAYS
        for contour in ("reg", "mgmt")
    ]
    found = {"turnover balance": _median(balance), "partner card": _median(card), "ageing": _median(ageing)}
    if known_at is not None:
        options = {"known-at": [known_at.isoformat()]}
        found["ageing as known"] = _median(
            [lambda day=day: ask(conn, "ageing", as_of=day, options=options) for day in PAST_DAYS]
        )
    return found


def _median(questions: list[Callable[[], Any]]) -> float:
    questions[0]()
    took = []
    for question in questions:
        began = time.perf_counter()
        question()
        took.append((time.perf_counter() - began) * 1000)
    return median(took)
