"""The status of an order or bill, changed by itself: the document is posted again, and the gate is asked (settlements/orders/gate.py).
Where its period is closed the document stays as it is and the status is kept beside it (settlements/orders/kept.py)."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.access.policies import active_policies
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.settlements.orders.basis import with_status
from setoff.settlements.orders.kept import is_kept_beside
from setoff.settlements.services import Outcome, known_document
from setoff.trade.queries import decode_document


def set_status(
    conn: psycopg.Connection[Any], key: str, status: str, day: date, actor: Actor, rights: Rights, *, consent: bool = False
) -> Outcome | Pending:
    """An order or bill in another status, or that is asked for where a policy wants a second person to release it. `day`: when an order is
    approved, where that is not said yet. Errors: not_permitted, those of with_status, prepayment_missing."""
    rights.require("post", decode_document(known_document(conn, key).content).unit)
    document = with_status(conn, key, status, day)
    if is_kept_beside(conn, key):
        return approvals.keep_status(conn, document, actor, active_policies(conn), consent=consent)
    return approvals.post(conn, document, actor, rights, consent=consent)
