"""One document at a time: posted now, and posted into the past, each against a bare insert and commit of its rows."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from bench.clock import Clock, percentile
from bench.copies import insert_rows, rows_of_document
from setoff.settlements.services import Actor, post_document
from setoff.trade.documents import Line, Payment, Sale

WARM_UP = 20
DOCUMENTS = 200
TAIL = 10
"""So many facts of the key lie after a back-dated payment, at every size."""
NEW_DAY = "2026-01-12"
ACTOR = Actor("bench", "bench")


class Place(NamedTuple):
    """A contract that takes sales and payments, and the last day that leaves exactly TAIL facts behind it."""

    unit: str
    contract: str
    counterparty: str
    relation: str
    currency: str
    vat_rate: str
    tail_day: Any


PLACES = """
  select unit.code, contract.code, counterparty.code, fold_key.relation, contract.currency,
         case when contract.currency = organization.book_currency then '20' else '0' end,
         (select moment_date(fact.moment) from fact where fact.reg_key_id = fold_key.id
          order by moment desc offset %(tail)s limit 1)
  from (select * from fold_key where contour = 'reg' and relation in ('buyer', 'supplier') order by id limit 4000) fold_key
  join unit on unit.id = fold_key.unit_id
  join organization on organization.id = unit.organization_id
  join contract on contract.id = fold_key.contract_id and contract.detail = 'contract' and contract.allocation = 'automatic'
       and contract.payment_currency in ('', contract.currency)
  join counterparty on counterparty.id = fold_key.counterparty_id
"""


def places(conn: Any, count: int) -> list[Place]:
    """Contracts in order of their key's hash: a draw without a generator."""
    found = [Place(*row) for row in conn.execute(PLACES, {"tail": TAIL}) if row[-1] is not None]
    return [found[number % len(found)] for number in range(count)]


def post_new(conn: Any, floor_conn: Any) -> dict[str, Any]:
    """Sales and payments by turns, dated after everything else."""
    chosen = places(conn, WARM_UP + DOCUMENTS)
    documents: list[Any] = []
    for number, place in enumerate(chosen):
        head: dict[str, Any] = {
            "unit": place.unit,
            "date": NEW_DAY,
            "contract": place.contract,
            "counterparty": place.counterparty,
            "currency": place.currency,
        }
        if number % 2 and place.relation == "buyer":
            documents.append(Sale(**head, lines=[Line(amount="1200.00", vat_rate=place.vat_rate)]))
        else:
            kind = "payment_from_customer" if place.relation == "buyer" else "payment_to_supplier"
            documents.append(Payment(**head, kind=kind, amount="987.65"))
    return _measured(conn, floor_conn, documents)


def post_late(conn: Any, floor_conn: Any) -> dict[str, Any]:
    """Payments into the past of contracts of which TAIL facts follow."""
    documents = [
        Payment(
            unit=place.unit,
            date=place.tail_day.isoformat(),
            contract=place.contract,
            counterparty=place.counterparty,
            amount="123.45",
            kind="payment_from_customer" if place.relation == "buyer" else "payment_to_supplier",
            currency=place.currency,
        )
        for place in places(conn, WARM_UP + DOCUMENTS)
    ]
    return _measured(conn, floor_conn, documents)


def _measured(conn: Any, floor_conn: Any, documents: list[Any]) -> dict[str, Any]:
    """Milliseconds of each post and of each bare insert of the same rows within the same minute, and the CPU of a document."""
    for document in documents[:WARM_UP]:
        insert_rows(floor_conn, rows_of_document(conn, post_document(conn, document, ACTOR).document_id))
    posted, bare, rows, changes = [], [], [], 0
    own = server = 0.0
    for document in documents[WARM_UP:]:
        with Clock(conn) as clock:
            outcome = post_document(conn, document, ACTOR)
        posted.append(clock.spent.wall * 1000)
        own, server = own + clock.spent.own, server + (clock.spent.server or 0)
        changes += len(outcome.changes)
        rows.append(rows_of_document(conn, outcome.document_id))  # now: a later document may move some of them
    with Clock(floor_conn) as floor_clock:
        for one in rows:
            began = time.perf_counter()
            insert_rows(floor_conn, one)
            bare.append((time.perf_counter() - began) * 1000)
    return {
        "p50_ms": percentile(posted, 50),
        "p95_ms": percentile(posted, 95),
        "floor_p50_ms": percentile(bare, 50),
        "floor_p95_ms": percentile(bare, 95),
        "own_ms": own * 1000 / len(posted),
        "server_ms": server * 1000 / len(posted),
        "floor_cpu_ms": floor_clock.spent.cpu * 1000 / len(bare),
        "changes": changes / len(posted),
    }
