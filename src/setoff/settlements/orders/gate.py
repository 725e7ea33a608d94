"""The gate of orders: what has to be paid before an order goes on, and what is shipped only by an order that allows it (spec 1.3, 2.1).

    prepayment_missing      an order settled by order or by invoice: less is paid and offset than its stages ask before the status
    order_not_released      a sale by an order that is not released for shipment
    order_of_other_party    a document names an order or bill of another counterparty or contract, or in another currency

Asked after the document was folded, by keys: what names no order and is none costs nothing. Goods that a supplier brought are booked
whatever his order says. An edit that asks for no more than before is not asked. Consent posts all but the last; the audit trail has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Statement
from setoff.core.money import Money
from setoff.settlements.limits import keep_limits, limits_met_by_new
from setoff.settlements.orders.rows import PlanRows, plan_rows, write_plan
from setoff.settlements.orders.standing import Standing, stages_of, standings
from setoff.settlements.records import DocumentRow
from setoff.settlements.rows import Place
from setoff.settlements.stored import Stored
from setoff.trade.directory import ContractTerms, Directory
from setoff.trade.documents import AnyDocument, Sale
from setoff.trade.order_documents import Order, Plan
from setoff.trade.plan import BEFORE
from setoff.trade.queries import decode_document

NAMED_SQL: Final = """
  select used.document_id, document.kind, document.number, owner.number, named.kind, named.status,
         named.counterparty_id = node.counterparty_id and named.contract_id is not distinct from node.contract_id
           and named.currency = node.currency and named.relation = node.relation
  from {used} used
  join document on document.unit_id = used.unit_id and document.id = used.document_id and document.posted_version_id = used.version_id
  join plan named on named.unit_id = used.unit_id and named.key = used.name and named.is_newest
  join document owner on owner.unit_id = named.unit_id and owner.id = named.document_id
  join lateral (
    select n.* from fact f join node n on n.unit_id = f.unit_id and n.id = f.node_id
    where f.unit_id = used.unit_id and f.version_id = used.version_id
      and (n.object not like 'order:%%' or n.object = 'order:' || named.order_key) order by f.line limit 1) node on true
  order by used.document_id, used.name"""
OF_VERSION: Final = "(select * from plan_use where unit_id = %(unit)s and version_id = %(version)s and name = any(%(names)s))"
OF_NEW: Final = "(select * from plan_use where document_id between %(first)s and %(last)s)"
CHECKED: Final = frozenset({
    "sale", "purchase", "payment_from_customer", "refund_to_customer", "payment_to_supplier", "refund_from_supplier",
})  # fmt: skip


class Named(NamedTuple):
    """A document that names an order or bill. `fits`: its party, contract and currency are the same."""

    document_id: int
    kind: str
    number: str
    order: str
    order_kind: str
    status: str
    fits: bool


class Written(NamedTuple):
    """A document as it was just written, and what it states (None: it is not posted any more)."""

    document: AnyDocument
    statement: Statement | None
    place: Place


def keep_terms(
    conn: psycopg.Connection[Any], written: Written, row: DocumentRow, edit: tuple[str, Stored | None], directory: Directory, actor: Actor,
    *, consent: bool,
) -> None:  # fmt: skip
    """What it plans is written, and it keeps to the limits of its contract and to the gate of its order. `edit`: the action, and the
    document as it stood before. Errors: those of limits.py and of this module."""
    document, statement, place = written
    rows = plan_rows(document, statement, place, directory) if statement else PlanRows()
    write_plan(conn, document, rows, (place.unit.id, place.document_id))
    action, stored = edit
    was = stored if stored and stored.row.status == "posted" else None
    keep_limits(conn, document, row, (action, was.row if was else None), directory, actor, consent=consent)
    if action == "post" and row.posted_version_id is not None:
        keep_orders(conn, document, row, rows, was, actor, consent=consent)


def keep_orders(
    conn: psycopg.Connection[Any], document: AnyDocument, row: DocumentRow, rows: PlanRows, was: Stored | None, actor: Actor, *,
    consent: bool,
) -> None:  # fmt: skip
    """The document that was just posted keeps to its orders, or somebody consented. Errors: prepayment_missing, order_not_released,
    order_of_other_party."""
    if isinstance(document, Plan):
        refused = _gate(conn, document, row, was)
    elif rows.uses and row.kind in CHECKED:
        names = [use.name for use in rows.uses]
        asked = {"unit": row.unit_id, "version": row.version_id, "names": names}
        found = [Named(*item) for item in conn.execute(NAMED_SQL.format(used=OF_VERSION), asked)]
        refused = next(filter(None, (_refusal_of(named) for named in found)), None)
        if refused and refused.code is ErrorCode.ORDER_NOT_RELEASED and _ships_no_more(document, row, was):
            refused = None
    else:
        return
    if refused is None:
        return
    if not consent or refused.code is ErrorCode.ORDER_OF_OTHER_PARTY:
        raise refused
    told = {name: str(value) for name, value in refused.facts.items() if name != "field"}
    record_audit(conn, actor, "pass_gate", unit_id=row.unit_id, document_id=row.id, code=refused.code.value, facts=told)


def _gate(conn: psycopg.Connection[Any], document: Plan, row: DocumentRow, was: Stored | None) -> DomainError | None:
    if not isinstance(document, Order) or document.status not in BEFORE:
        return None
    condition = "and p.unit_id = %(unit)s and p.document_id = %(document)s and p.is_gated"
    found = standings(conn, condition, unit=row.unit_id, document=row.id)
    if not found:
        return None
    if was is not None:
        before = decode_document(was.content)
        same_stages = isinstance(before, Order) and before.status == document.status and before.stages == document.stages
        if same_stages and row.total <= was.row.total:
            return None
    return gate_refusals(conn, found).get(row.id)


def gate_refusals(conn: psycopg.Connection[Any], orders: list[Standing]) -> dict[int, DomainError]:
    """Orders in a status for which too little was paid: document id -> refusal."""
    stages = stages_of(conn, orders)
    numbers = dict(
        conn.execute("select id, number from document where id = any(%s)", [[order.document_id for order in orders]]).fetchall()
    )
    refused = {}
    for order in orders:
        asked = BEFORE.get(order.status, ())
        required = sum(stage.amount for stage in stages[order.version_id] if stage.variant in asked)
        if required > order.paid:
            refused[order.document_id] = DomainError(
                ErrorCode.PREPAYMENT_MISSING, order=numbers[order.document_id], status=order.status,
                required=Money(required, order.currency), paid=Money(order.paid, order.currency),
                missing=Money(required - order.paid, order.currency), field="status",
            )  # fmt: skip
    return refused


def _refusal_of(named: Named) -> DomainError | None:
    is_bill = named.order_kind in ("customer_bill", "supplier_bill")
    if not named.fits:
        return DomainError(
            ErrorCode.ORDER_OF_OTHER_PARTY, order=named.order, kind=named.order_kind, field="bill" if is_bill else "order"
        )
    if named.kind == "sale" and named.order_kind == "customer_order" and named.status != "shipment":
        return DomainError(ErrorCode.ORDER_NOT_RELEASED, order=named.order, status=named.status, field="order")
    return None


def _ships_no_more(document: AnyDocument, row: DocumentRow, was: Stored | None) -> bool:
    """An edit of a shipment that stood by the same order is not asked whether it may be shipped."""
    if was is None or row.total > was.row.total:
        return False
    before = decode_document(was.content)
    return isinstance(before, Sale) and isinstance(document, Sale) and before.order == document.order


def met_by_new(
    conn: psycopg.Connection[Any], ids: tuple[int, int], contracts: Iterable[ContractTerms], *, consent: bool
) -> dict[int, DomainError]:
    """What orders, and limits of contracts, refuse of the documents with ids from one to another."""
    met = orders_met_by_new(conn, *ids, consent=consent)
    return met if consent else met | limits_met_by_new(conn, ids, contracts)


def orders_met_by_new(conn: psycopg.Connection[Any], first: int, last: int, *, consent: bool) -> dict[int, DomainError]:
    """What the gate refuses of the documents with ids from one to another: id -> refusal. With consent only what fits nowhere."""
    refused: dict[int, DomainError] = {}
    if conn.execute("select exists (select from plan)").fetchone() == (False,):
        return refused
    for item in conn.execute(NAMED_SQL.format(used=OF_NEW), {"first": first, "last": last}):
        named = Named(*item)
        error = _refusal_of(named) if named.kind in CHECKED else None
        if error is not None and not (consent and error.code is ErrorCode.ORDER_NOT_RELEASED):
            refused.setdefault(named.document_id, error)
    if consent:
        return refused
    condition = "and p.document_id between %(first)s and %(last)s and p.is_gated and p.status = any(%(statuses)s)"
    found = standings(conn, condition, first=first, last=last, statuses=list(BEFORE))
    return gate_refusals(conn, found) | refused if found else refused


def gated_orders(conn: psycopg.Connection[Any], units: Iterable[int]) -> dict[int, DomainError]:
    """Orders of these units that went on although, as it stands now, too little is paid for them."""
    condition = "and p.unit_id = any(%(units)s) and p.is_gated and p.status = any(%(statuses)s)"
    found = standings(conn, condition, units=list(units), statuses=list(BEFORE))
    return gate_refusals(conn, found) if found else {}
