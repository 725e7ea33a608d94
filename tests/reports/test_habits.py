"""Payment habits as the books tell them: who was debited in time has paid in time, whenever the money came."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from setoff.books.audit import Actor
from setoff.reports.ask import ask
from setoff.reports.files import render_json
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Payment, Sale

OURS = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER"}


def told(conn: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """Amount, days late on average and at most, per cent on time: of the whole, then by quarter."""
    found = json.loads(render_json(ask(conn, "payment-habits", as_of="2025-03-31", options={"counterparty": ["VEGA"]}), "en"))
    rows = [row for section in found["sections"] for row in section["rows"]]
    return [(row["amount"], row["days_late"], row["days_late_max"], row["on_time"]) for row in rows]


def test_who_was_debited_in_time_paid_in_time(company: psycopg.Connection[Any], actor: Actor) -> None:
    """100.00 due on 10 March. On the 12th 60.00 come that were debited on the 10th, and 40.00: 40.00 two days late, 0.8 on average. An
    advance of 50.00 debited on the 18th pays in time what is due on the 18th; it came on the 20th."""
    money: dict[str, Any] = {"kind": "payment_from_customer", **OURS}
    post_document(company, Sale(**OURS, date="2025-03-01", due="2025-03-10", lines=[Line(amount="100")]), actor)
    post_document(company, Payment(**money, date="2025-03-12", debited="2025-03-10", amount="60"), actor)
    post_document(company, Payment(**money, date="2025-03-12", amount="40"), actor)
    assert told(company) == [("100.00", "0.8", 2, 60)] * 2
    post_document(company, Payment(**money, key="advance", date="2025-03-20", debited="2025-03-18", amount="50"), actor)
    post_document(company, Sale(**OURS, date="2025-03-21", due="2025-03-18", lines=[Line(amount="50")]), actor)
    assert told(company) == [("150.00", "0.5", 2, 73)] * 2
    post_document(company, Payment(**money, key="advance", date="2025-03-20", amount="50"), actor)
    assert told(company) == [("150.00", "1.2", 2, 40)] * 2
