"""Reads for the journal of settlements without money: set-offs, transfers, write-offs, accruals, netting, advance offsets, and payments
that name what they settle (spec 6.10).

Documents of any state but those marked for deletion. Who takes part is told by the facts of a posted document, by the rows of another.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.core.fact import Rule
from setoff.settlements.queries import moments
from setoff.trade.kinds import REVERSIBLE


class AdjustmentLine(NamedTuple):
    """A document of the journal. `amount`: of a payment what it names, else the total of the document. `they_owe` and `we_owe`: the sides
    of a posted one in `side_currency`, where that is one currency. `content`: what the document says."""

    date: datetime.date
    key: str
    kind: str
    number: str
    organization: str
    unit: str
    counterparties: str
    amount: int
    currency: str
    they_owe: int | None
    we_owe: int | None
    side_currency: str
    status: str
    author: str
    content: str


NAMED: Final = """
  select r->>'counterparty' as code from jsonb_array_elements(coalesce(v.content::jsonb->'rows', '[]')) r
  union select v.content::jsonb#>>'{receiver,counterparty}' union select v.content::jsonb->>'counterparty'"""
"""The codes of the parties that a version `v` names."""


LISTED: Final = f"""
  select d.id as document_id from document d where d.unit_id = any(%(scope_units)s) and d.kind = any(%(adjusting)s)
  union
  select f.document_id from fact_target t
  join fact f on f.unit_id = t.unit_id and f.version_id = t.version_id and f.line = t.line
  join document d on d.unit_id = f.unit_id and d.id = f.document_id and d.posted_version_id = f.version_id
  where t.unit_id = any(%(scope_units)s) and t.rule in ({int(Rule.PAYER)}, {int(Rule.INTERNAL)})
    and f.moment >= %(first)s and f.moment < %(before)s"""
"""Adjustments by their kind, and documents in the books that name what they settle: what the journal reads grows with these alone."""


def adjustment_lines(
    conn: Connection[Any], scope: Scope, since: date | None, as_of: date, *, kinds: Sequence[str] = (), statuses: Sequence[str] = ()
) -> list[AdjustmentLine]:
    """The documents of the period in the total order."""
    where = "".join(
        f" and d.{column} = any(%({column})s)" for column, values in (("kind", kinds), ("status", statuses)) if values
    )
    if scope.counterparties:
        where += f""" and (d.counterparty_id = any(%(scope_counterparties)s) or exists (
          select from fact f join node n on n.unit_id = f.unit_id and n.id = f.node_id
          where f.unit_id = d.unit_id and f.version_id = d.posted_version_id and n.counterparty_id = any(%(scope_counterparties)s))
          or exists (select from ({NAMED}) named join counterparty p on p.code = named.code
                     where p.id = any(%(scope_counterparties)s)))"""
    if scope.currencies:
        where += " and d.currency = any(%(scope_currencies)s)"
    cursor = conn.cursor(row_factory=args_row(AdjustmentLine))
    cursor.execute(
        f"""select d.date, d.key, d.kind, d.number, o.name, u.code, coalesce(sides.names, named.names, ''),
                   coalesce(targets.amount, d.total), coalesce(targets.currency, d.currency), sides.they_owe, sides.we_owe,
                   coalesce(sides.currency, ''), d.status, v.author, v.content
            from ({LISTED}) listed join document d on d.id = listed.document_id
            join version v on v.unit_id = d.unit_id and v.id = d.version_id
            join unit u on u.id = d.unit_id join organization o on o.id = u.organization_id
            left join lateral (
              select sum(t.amount)::bigint as amount, min(n.currency) as currency
              from fact_target t join fact f on f.unit_id = t.unit_id and f.version_id = t.version_id and f.line = t.line
              join node n on n.unit_id = f.unit_id and n.id = f.node_id
              where t.unit_id = d.unit_id and t.version_id = d.posted_version_id and d.kind <> all(%(adjusting)s)
              having count(distinct n.currency) = 1) targets on true
            left join lateral (
              select string_agg(distinct p.name, ', ' order by p.name) as names, min(n.currency) as currency,
                     case when count(distinct n.currency) = 1 then -sum(least(f.change, 0))::bigint end as they_owe,
                     case when count(distinct n.currency) = 1 then sum(greatest(f.change, 0))::bigint end as we_owe
              from fact f join node n on n.unit_id = f.unit_id and n.id = f.node_id join counterparty p on p.id = n.counterparty_id
              where f.unit_id = d.unit_id and f.version_id = d.posted_version_id having count(*) > 0) sides on true
            left join lateral (
              select string_agg(distinct p.name, ', ' order by p.name) as names from ({NAMED}) named
              join counterparty p on p.code = named.code) named on true
            where d.unit_id = any(%(scope_units)s) and d.moment >= %(first)s and d.moment < %(before)s and not d.deletion_mark {where}
            order by d.moment, d.id""",
        {
            **scope.parameters(), **moments(since, as_of), "kind": list(kinds), "status": list(statuses),
            "adjusting": sorted(REVERSIBLE),
        },
    )  # fmt: skip
    return cursor.fetchall()


def contract_currencies(conn: Connection[Any], codes: Sequence[str]) -> dict[str, str]:
    """Settlement currencies by the code of a contract."""
    return dict(conn.execute("select code, currency from contract where code = any(%s)", [list(codes)]).fetchall())
