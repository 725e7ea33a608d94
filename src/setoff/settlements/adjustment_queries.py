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
    of a posted one in `side_currency`, where that is one currency. `content`: what the document says; `received`: when a notice was."""

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
    received: datetime.date | None
    moment: int
    document_id: int


NAMED: Final = """
  select r->>'counterparty' as code from jsonb_array_elements(coalesce(v.content::jsonb->'rows', '[]')) r
  union select v.content::jsonb#>>'{receiver,counterparty}' union select v.content::jsonb->>'counterparty'"""
"""The codes of the parties that a version `v` names."""


ADJUSTING: Final = ", ".join(f"'{kind}'" for kind in sorted(REVERSIBLE))
"""As the index `document_adjusting` has them (notices.sql)."""
NAMED_RULES: Final = f"{int(Rule.PAYER)}, {int(Rule.INTERNAL)}"
OF_ADJUSTING: Final = f"""
  select d.* from unnest(%(scope_units)s::bigint[]) as scope(unit_id) cross join lateral (
    select * from document d where d.unit_id = scope.unit_id and d.kind in ({ADJUSTING}) {{place}} order by d.moment, d.id {{limit}}) d"""
"""Adjustments by their kind."""
OF_FEW: Final = f"""
  select d.* from (
    select distinct t.unit_id, t.version_id from fact_target t
    where t.unit_id = any(%(scope_units)s) and t.rule in ({NAMED_RULES})) named
  cross join lateral (select v.document_id from version v where v.unit_id = named.unit_id and v.id = named.version_id offset 0) v
  cross join lateral (
    select * from document d where d.unit_id = named.unit_id and d.id = v.document_id and d.posted_version_id = named.version_id offset 0) d
  where true {{place}} order by d.moment, d.id {{limit}}"""
"""Documents in the books that name what they settle, found by what they name: each is looked up by its own key (`offset 0`)."""
OF_MANY: Final = f"""
  select d.* from unnest(%(scope_units)s::bigint[]) as scope(unit_id) cross join lateral (
    select * from document d
    where d.unit_id = scope.unit_id and d.kind not in ({ADJUSTING}) and d.status = 'posted' {{place}}
      and exists (
        select from fact_target t where t.unit_id = d.unit_id and t.version_id = d.posted_version_id and t.rule in ({NAMED_RULES}))
    order by d.moment, d.id {{limit}}) d"""
"""The same where there are many: the documents are walked in the total order until the page is full."""
FEW: Final = 5_000
COUNT_SQL: Final = f"""
  select count(*) from (
    select from fact_target t where t.unit_id = any(%(scope_units)s) and t.rule in ({NAMED_RULES}) limit {FEW + 1}) named"""


class Page(NamedTuple):
    """So many documents after a place of the total order: moment and id."""

    limit: int
    after: tuple[int, int] | None = None


def adjustment_lines(
    conn: Connection[Any], scope: Scope, since: date | None, as_of: date, *, kinds: Sequence[str] = (), statuses: Sequence[str] = (),
    page: Page | None = None,
) -> list[AdjustmentLine]:  # fmt: skip
    """The documents of the period in the total order, or a page of them: then no more is read than it needs."""
    place = "and d.moment >= %(first)s and d.moment < %(before)s and not d.deletion_mark"
    place += "".join(f" and d.{column} = any(%({column})s)" for column, values in (("kind", kinds), ("status", statuses)) if values)
    if page and page.after:
        place += " and d.moment >= %(after_moment)s and (d.moment, d.id) > (%(after_moment)s, %(after_id)s)"
    if scope.counterparties:
        place += f""" and (d.counterparty_id = any(%(scope_counterparties)s) or exists (
          select from fact f join node n on n.unit_id = f.unit_id and n.id = f.node_id
          where f.unit_id = d.unit_id and f.version_id = d.posted_version_id and n.counterparty_id = any(%(scope_counterparties)s))
          or exists (select from version v cross join lateral ({NAMED}) named join counterparty p on p.code = named.code
                     where v.unit_id = d.unit_id and v.id = d.version_id and p.id = any(%(scope_counterparties)s)))"""
    if scope.currencies:
        place += " and d.currency = any(%(scope_currencies)s)"
    names = {
        **scope.parameters(), **moments(since, as_of), "kind": list(kinds), "status": list(statuses), "limit": page.limit if page else None,
        "after_moment": page.after[0] if page and page.after else None, "after_id": page.after[1] if page and page.after else None,
    }  # fmt: skip
    found = conn.execute(COUNT_SQL, names).fetchone()
    named = OF_MANY if page and found and found[0] > FEW else OF_FEW
    listed, naming = (query.format(place=place, limit="limit %(limit)s") for query in (OF_ADJUSTING, named))
    return conn.cursor(row_factory=args_row(AdjustmentLine)).execute(lines_sql(listed, naming), names).fetchall()


def lines_sql(listed: str, naming: str) -> str:
    """Of the documents that two queries give, what the journal tells."""
    return f"""
  select d.date, d.key, d.kind, d.number, o.name, u.code, coalesce(sides.names, named.names, ''),
         coalesce(targets.amount, d.total), coalesce(targets.currency, d.currency), sides.they_owe, sides.we_owe,
         coalesce(sides.currency, ''), d.status, v.author, v.content, receipt.received, d.moment, d.id
  from (select * from (({listed}) union all ({naming})) both_kinds order by moment, id limit %(limit)s) d
  join version v on v.unit_id = d.unit_id and v.id = d.version_id
  join unit u on u.id = d.unit_id join organization o on o.id = u.organization_id
  left join notice_receipt receipt on receipt.unit_id = d.unit_id and receipt.document_id = d.id
  left join lateral (
    select sum(t.amount)::bigint as amount, min(n.currency) as currency
    from fact_target t join fact f on f.unit_id = t.unit_id and f.version_id = t.version_id and f.line = t.line
    join node n on n.unit_id = f.unit_id and n.id = f.node_id
    where t.unit_id = d.unit_id and t.version_id = d.posted_version_id and d.kind not in ({ADJUSTING})
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
  order by d.moment, d.id"""


def contract_currencies(conn: Connection[Any], codes: Sequence[str]) -> dict[str, str]:
    """Settlement currencies by the code of a contract."""
    return dict(conn.execute("select code, currency from contract where code = any(%s)", [list(codes)]).fetchall())
