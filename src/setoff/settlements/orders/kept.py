"""The status of an order or bill whose day lies in a closed period: kept beside what the document says (order_status.sql).

A status is no movement, but what a version of a closed period says is under seal. So a change of status is a row of its own there, and what
the document plans from then on is written as if another version said so: readers of plans find it as they find any. The gate is asked
as ever. A version that is posted later, in a period that was opened again, states its own status.

Errors: unknown_reference, wrong_state, those of gate.py and trade/plan.py.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.core.fact import Statement
from setoff.settlements.orders.gate import keep_orders
from setoff.settlements.orders.rows import plan_rows, write_plan
from setoff.settlements.rows import Place
from setoff.settlements.services import Outcome, known_document, require_state
from setoff.trade.documents import AnyDocument, CustomerBill, CustomerOrder, SupplierBill, SupplierOrder
from setoff.trade.fields import day_or_none
from setoff.trade.header import header
from setoff.trade.order_documents import Order, Plan
from setoff.trade.queries import decode_document, load_directory
from setoff.trade.registry import references

OF_DOCUMENT: Final = """
  select kept.status, coalesce(to_char(kept.approved, 'YYYY-MM-DD'), '') from plan_status kept
  where kept.unit_id = document.unit_id and kept.document_id = document.id and kept.of_version = document.posted_version_id
  order by kept.version_id desc limit 1"""
"""Status and day of approval kept beside the posted version of a document, in a lateral query."""
KEPT_SQL: Final = f"select kept.* from document cross join lateral ({OF_DOCUMENT}) kept where document.key = %s"
BESIDE_SQL: Final = f"""
  select document.moment < closed_until(document.unit_id) or exists ({OF_DOCUMENT}) from document
  where document.key = %s and document.status = 'posted'"""
WRITE_SQL: Final = """
  insert into plan_status (unit_id, version_id, document_id, of_version, status, approved, author) values (%s, %s, %s, %s, %s, %s, %s)"""


def in_status(document: AnyDocument, status: str, approved: str) -> AnyDocument:
    """The same order or bill in that status; `approved` is of orders."""
    if isinstance(document, CustomerOrder | SupplierOrder):
        return msgspec.structs.replace(document, status=status, approved=approved)
    if isinstance(document, CustomerBill | SupplierBill):
        return msgspec.structs.replace(document, annulled=status == "annulled")
    return document


def as_it_stands(conn: psycopg.Connection[Any], document: AnyDocument) -> AnyDocument:
    """What a stored document says, with the status that is kept beside it. Other kinds cost nothing."""
    if not isinstance(document, Plan):
        return document
    row = conn.execute(KEPT_SQL, [document.key]).fetchone()
    return document if row is None else in_status(document, *row)


def is_kept_beside(conn: psycopg.Connection[Any], key: str) -> bool:
    """Whether a posted document lies in a closed period, or its status was kept beside it when it did."""
    row = conn.execute(BESIDE_SQL, [key]).fetchone()
    return bool(row and row[0])


def keep_status(conn: psycopg.Connection[Any], document: AnyDocument, actor: Actor, *, consent: bool = False) -> Outcome:
    """The posted order or bill has the status of `document` from now on; what it says stays as it is."""
    with conn.transaction():
        conn.execute("select from document where key = %s for update", [document.key])
        stored = known_document(conn, document.key)
        require_state(stored, "posted")
        row = stored.row
        if document == as_it_stands(conn, decode_document(stored.content)):
            return Outcome(row.id, row.key, row.number, [], changed=False)
        directory = load_directory(conn, references(document))
        numbered = conn.execute("select nextval('version_id_seq')").fetchone()
        assert numbered is not None
        place = Place(header(document, directory).unit, row.id, numbered[0], row.moment)
        rows = plan_rows(document, Statement((), ()), place, directory)
        status = rows.plans[0].status
        approved = day_or_none(document.approved, "approved") if isinstance(document, Order) else None
        conn.execute(WRITE_SQL, [row.unit_id, place.version_id, row.id, row.posted_version_id, status, approved, actor.author])
        write_plan(conn, document, rows, (row.unit_id, row.id))
        keep_orders(conn, document, row, rows, None, actor, consent=consent)
        record_audit(conn, actor, "set_status", unit_id=row.unit_id, document_id=row.id, status=status)
    return Outcome(row.id, row.key, row.number, [])
