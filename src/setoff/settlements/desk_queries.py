"""What the allocation desk lays side by side: open debts and free money of a counterparty, in the management contour."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.desk import OpenItem
from setoff.trade.kinds import KINDS, PAYMENT
from setoff.trade.payment import MONEY_IN, REFUNDS
from setoff.trade.payment_fields import WITHOUT_NODE
from setoff.trade.terms import debt_sign

PAYING: Final = frozenset(kind.name for kind in KINDS.values() if kind.day_order == PAYMENT) - REFUNDS - WITHOUT_NODE
OPEN_SQL: Final = """
  select k.relation, k.currency, l.residual, d.currency = k.currency,
         d.key, d.id, d.kind, d.number, moment_date(l.rank), l.line, l.moment, l.rank, l.due,
         coalesce(c.code, ''), coalesce(c.number, ''), k.allocation_order,
         coalesce((select f.label from fact f where f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = l.line), ''),
         case when array['order', 'order_invoice'] && array[c.detail, c.reg_detail] then
           coalesce(nullif(n.object, ''), n.reg_object) end,
         d.version_id,
         l.line > 1 or exists (select from fact f where f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = 2)
  from fold_key k
  join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.residual <> 0
  join document d on d.unit_id = l.unit_id and d.id = l.document_id
  join node n on n.unit_id = l.unit_id and n.id = l.node_id
  left join contract c on c.id = k.contract_id
  where k.unit_id = %(unit)s and k.counterparty_id = %(party)s and k.contour = 'mgmt' and (%(contract)s = '' or c.code = %(contract)s)
  order by l.moment, l.line"""


class Pair(NamedTuple):
    """What can be matched with one another: one relation, one currency."""

    relation: str
    currency: str


class Side(NamedTuple):
    debts: list[OpenItem]
    money: list[OpenItem]


def desk(conn: Connection[Any], unit_id: int, counterparty: str, contract: str = "") -> dict[Pair, Side]:
    """Open debts and free money by relation and currency, in the total order. Errors: unknown_reference."""
    row = conn.execute("select id from counterparty where code = %s", [counterparty]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value=counterparty, field="counterparty")
    found: dict[Pair, Side] = {}
    for relation, currency, residual, moves, *item in conn.execute(OPEN_SQL, {"unit": unit_id, "party": row[0], "contract": contract}):
        key, number, kind, *rest, of, version_id, by_line = item
        side = found.setdefault(Pair(relation, currency), Side([], []))
        is_debt = (residual > 0) == (debt_sign(relation) > 0)
        paying = kind in PAYING and (kind in MONEY_IN) == (residual < 0)
        opened = OpenItem._make((key, number, kind, *rest, abs(residual), version_id, by_line, paying, moves, _order(of)))
        (side.debts if is_debt else side.money).append(opened)
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[1].debts) - len(pair[1].money), pair[0])))


def _order(of: str | None) -> str | None:
    """The order of a settlement object, "" for a document without one; None where the contract does not settle by orders."""
    return of.removeprefix("order:") if of is not None and of.startswith("order:") else None if of is None else ""
