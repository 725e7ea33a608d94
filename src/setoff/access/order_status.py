"""The status of an order or bill, changed by itself: the document is posted again, and the gate is asked (settlements/orders/gate.py)."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.settlements.orders.basis import with_status
from setoff.settlements.services import Outcome, known_document
from setoff.trade.queries import decode_document


def set_status(
    conn: psycopg.Connection[Any], key: str, status: str, day: date, actor: Actor, rights: Rights, *, consent: bool = False
) -> Outcome | Pending:
    """An order or bill in another status. `day`: when an order is approved, where that is not said yet. Errors: not_permitted, those of
    with_status, prepayment_missing."""
    rights.require("post", decode_document(known_document(conn, key).content).unit)
    return approvals.post(conn, with_status(conn, key, status, day), actor, rights, consent=consent)
