"""C-ORD.list: orders that went on and for which, as the books stand now, too little is paid (spec 1.3, 2.1).

The gate let them through, with consent or because they were paid then; since then a payment was changed or left the books. Nothing is
broken: a person decides whether the order goes back, or waits for the money. Expected is what its stages ask for, actual what is paid.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.settlements.checks import Check, Row
from setoff.settlements.orders.gate import gated_orders

ORDERS_SQL: Final = """
  select document.id, unit.code, document.key, document.kind, document.number, document.date, document.moment
  from document join unit on unit.id = document.unit_id where document.id = any(%s) order by document.moment, document.id"""


def gated_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Orders in a status for which too little is paid, in the order of the books."""
    units = [row[0] for row in conn.execute("select id from unit where %(id)s::int8 is null or id = %(id)s", {"id": unit_id})]
    refused = gated_orders(conn, units)
    rows = []
    for document_id, unit, key, kind, number, day, moment in conn.execute(ORDERS_SQL, [list(refused)]):
        facts = refused[document_id].facts
        required, paid = facts["required"], facts["paid"]
        rows.append(
            Row(
                unit, key, str(required.amount_minor), str(paid.amount_minor), paid.amount_minor - required.amount_minor,
                required.currency, key, kind, number, day, moment,
            )
        )  # fmt: skip
    return rows


ORDER_CHECKS: Final = (
    Check(
        "C-ORD.list", "list", "1.3; 2.1", "row", "Orders that went on although too little is paid for them as it stands now.", "",
        gated_rows,
    ),
)  # fmt: skip
