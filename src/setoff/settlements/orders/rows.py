"""Rows of orders and bills, and of what names them: written with the version that says so (orders.sql)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.fact import FoldKey, Statement
from setoff.settlements.records import PlanRow, PlanStageRow, PlanUseRow, insert_rows
from setoff.settlements.rows import Place
from setoff.trade.directory import Directory
from setoff.trade.documents import AnyDocument
from setoff.trade.kinds import kind_of
from setoff.trade.order_documents import BillDocument, Plan
from setoff.trade.plan import planned
from setoff.trade.plan_uses import uses_of

SUPERSEDE_SQL: Final = "update plan set is_newest = false where unit_id = %s and document_id = %s and is_newest"


class PlanRows(NamedTuple):
    plans: Sequence[PlanRow] = ()
    stages: Sequence[PlanStageRow] = ()
    uses: Sequence[PlanUseRow] = ()


NOTHING: Final = PlanRows()


def plan_rows(document: AnyDocument, statement: Statement, place: Place, directory: Directory) -> PlanRows:
    """What a posted document adds. `document` has its key. Errors: those of `trade/plan.py`."""
    unit_id, version_id = place.unit.id, place.version_id
    if not isinstance(document, Plan):
        uses = uses_of(document, statement.facts, directory)
        named = [PlanUseRow(unit_id, use.name, version_id, place.document_id, use.amount) for use in uses]
        return PlanRows(uses=named) if named else NOTHING
    found = planned(document, directory)
    terms = found.terms
    order = document.order if isinstance(document, BillDocument) else document.key
    settled_on = "" if terms.detail == "contract" else f"order:{order}"
    key = FoldKey("mgmt", unit_id, terms.relation, terms.counterparty_id, terms.contract_id, settled_on, terms.currency)
    row = PlanRow(
        unit_id, version_id, place.document_id, document.key, kind_of(document), found.sign, terms.relation, terms.counterparty_id,
        terms.contract_id or None, terms.detail, terms.currency, found.total, found.status, found.is_gated, order, key.id(),
        found.probability, place.moment,
    )  # fmt: skip
    stages = [
        PlanStageRow(unit_id, version_id, number, stage.variant, stage.day, stage.amount, stage.form)
        for number, stage in enumerate(found.stages, 1)
    ]
    return PlanRows([row], stages)


def write_plan(conn: psycopg.Connection[Any], document: AnyDocument, rows: PlanRows, ids: tuple[int, int]) -> None:
    """The newest version of a document plans this now; nothing where it is not posted any more. `ids`: of its unit and its own."""
    if isinstance(document, Plan):
        conn.execute(SUPERSEDE_SQL, ids)
    for written in rows:
        insert_rows(conn, written)
