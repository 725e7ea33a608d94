"""C-4.5.3: returnable packaging moves settlements with the ledger (spec 3, C-4.5.3; 2.9), and is not sold by the way.

The law: an account of packaging stands in a posting with its node only, and every packaging document states what it comes to. The list:
lines of sales and purchases that name what the same unit issues or receives as packaging; what the buyer brought back on paper that day, to
keep it, is sold rightly.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.books.charts import account_id, chart_names, load_chart
from setoff.settlements.checks import Check, Row

RELATIONS: Final = ("packaging_received", "packaging_issued")
DOCUMENTS: Final = ("packaging_issued", "packaging_returned", "packaging_received", "packaging_given_back")
DEPOSITS: Final = ("packaging_deposit_in", "packaging_deposit_out")
WITHOUT_SQL: Final = """
  select unit.code, account_code(side.account_id) || ' ' || posting.line, 'node', '', posting.amount, organization.book_currency,
         document.key, document.kind, document.number, document.date, posting.moment
  from posting
  cross join lateral (values (debit_account_id, debit_node_id), (credit_account_id, credit_node_id)) side(account_id, node_id)
  join unit on unit.id = posting.unit_id join organization on organization.id = unit.organization_id
  left join document on document.unit_id = posting.unit_id and document.id = posting.document_id
  where side.account_id = any(%(accounts)s) and side.node_id is null and (%(unit_id)s::bigint is null or posting.unit_id = %(unit_id)s)
  union all
  select unit.code, 'facts', document.total::text, stated.amount::text, stated.amount - document.total, document.currency,
         document.key, document.kind, document.number, document.date, document.moment
  from document
  join unit on unit.id = document.unit_id
  cross join lateral (
    select coalesce(sum(abs(fact.change)), 0)::bigint as amount from fact
    where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id) stated
  where document.status = 'posted' and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
    and (document.kind = any(%(documents)s) and stated.amount <> document.total or document.kind = any(%(deposits)s) and stated.amount = 0)
  order by 11, 2"""
THINGS_SQL: Final = """
  select distinct document.unit_id, lower(coalesce(nullif(line ->> 'item', ''), line ->> 'name'))
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  cross join lateral jsonb_array_elements(version.content::jsonb -> 'lines') line
  where document.kind = any(%(documents)s) and coalesce(nullif(line ->> 'item', ''), line ->> 'name') <> ''
    and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)"""
SOLD_SQL: Final = """
  with thing as (select * from unnest(%(units)s::int8[], %(names)s::text[]) thing(unit_id, name))
  select unit.code, coalesce(nullif(line.said ->> 'item', ''), line.said ->> 'name') || ' ' || line.number, '', line.said ->> 'amount',
         null::bigint, null::text, document.key, document.kind, document.number, document.date, document.moment
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  cross join lateral jsonb_array_elements(version.content::jsonb -> 'lines') with ordinality line(said, number)
  join thing on thing.unit_id = document.unit_id and thing.name = lower(coalesce(nullif(line.said ->> 'item', ''), line.said ->> 'name'))
  join unit on unit.id = document.unit_id
  where document.kind in ('sale', 'purchase')
    and not exists (
      select from document back join version kept on kept.unit_id = back.unit_id and kept.id = back.posted_version_id
      cross join lateral jsonb_array_elements(kept.content::jsonb -> 'lines') brought
      where back.unit_id = document.unit_id and back.counterparty_id = document.counterparty_id and back.date = document.date
        and back.kind = case document.kind when 'sale' then 'packaging_returned' else 'packaging_given_back' end
        and lower(coalesce(nullif(brought ->> 'item', ''), brought ->> 'name')) = thing.name)
  order by document.moment, document.id, line.number"""


def without_settlement(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Postings of packaging without a node, and packaging documents that state something else than they come to."""
    accounts = {
        account_id(chart.name, code)
        for chart in map(load_chart, chart_names())
        for (relation, _), pair in chart.pairs.items()
        if relation in RELATIONS
        for code in pair
    }
    # accounts that others share with packaging hold nodes of all of them: a posting without one is wrong there too
    names = {"unit_id": unit_id, "accounts": sorted(accounts), "documents": list(DOCUMENTS), "deposits": list(DEPOSITS)}
    return [Row._make(row) for row in conn.execute(WITHOUT_SQL, names)]


def sold_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Lines of ordinary supplies that name packaging."""
    things = conn.execute(THINGS_SQL, {"unit_id": unit_id, "documents": list(DOCUMENTS)}).fetchall()
    if not things:
        return []
    names = {"units": [unit for unit, _ in things], "names": [name for _, name in things]}
    return [Row._make(row) for row in conn.execute(SOLD_SQL, names, prepare=False)]


PACKAGING_CHECKS: Final = (
    Check(
        "C-4.5.3", "error", "3, C-4.5.3; 2.9", "row",
        "Packaging moves settlements with the ledger: its accounts stand with a node, and its documents state what they come to.",
        "", without_settlement,
    ),
    Check(
        "C-4.5.3.list", "list", "3, C-4.5.3; 2.9", "row", "Packaging in ordinary sales and purchases: no deposit comes back for it.", "",
        sold_rows,
    ),
)  # fmt: skip
