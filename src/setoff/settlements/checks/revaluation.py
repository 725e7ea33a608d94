"""C-4.5.2: revaluations, lot by lot (spec 3; 2.7).

After each revaluation an open debt in foreign currency is worth what is left of it at that rate, to the minor unit, and an advance what it
was worth before. The ledger is compared with the lots by C-4.2. The list shows debts at the end of closed months that nobody revalued.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.core.fact import Rule
from setoff.core.moment import BEGINNING
from setoff.settlements.checks import Check, Row
from setoff.settlements.revaluation.points import load_points

LOTS_SQL: Final = f"""
  with point as (
    select * from unnest(%(unit)s::int8[], %(document)s::int8[], %(moment)s::int8[], %(contour)s::text[], %(currency)s::text[],
      %(rate)s::numeric[], %(per)s::numeric[]) point(unit_id, document_id, moment, contour, currency, rate, per)
  ), read as (
    select point.*, lot.key_id, lot.document_id as owner_id, lot.line,
           (lot.amount > 0) = (debt_sign(fold_key.relation) > 0) as is_debt, sign(lot.amount)::int8 as side,
           abs(lot.amount) - coalesce(used.amount, 0) as residual, abs(lot.book) - coalesce(used.book, 0) as worth,
           coalesce(used.growth, 0) as growth
    from point
    join fold_key on fold_key.unit_id = point.unit_id and fold_key.contour = point.contour and fold_key.currency = point.currency
    join lot on lot.unit_id = fold_key.unit_id and lot.key_id = fold_key.id and lot.moment < point.moment
     and lot.closed_moment >= point.moment
    left join lateral (
      select sum(a.amount) as amount, sum(a.lot_book) as book,
             -sum(a.lot_book) filter (where a.rule = {Rule.REVALUED:d} and a.document_id = point.document_id) as growth
      from allocation a where a.key_id = lot.key_id and a.lot_document_id = lot.document_id and a.lot_line = lot.line
        and a.moment <= point.moment) used on true
  ), reading as (
    select *, case when is_debt then div(2 * residual * rate + per, 2 * per) else worth - growth end as expected from read
  )
  select unit.code, key_name(reading.unit_id, key_id) || ' ' || owner.key || '/' || line, (side * expected)::text, (side * worth)::text,
         (side * (worth - expected))::int8, organization.book_currency, document.key, document.kind, document.number, document.date,
         reading.moment
  from reading join unit on unit.id = reading.unit_id join organization on organization.id = unit.organization_id
  join document on document.unit_id = reading.unit_id and document.id = reading.document_id
  join document owner on owner.unit_id = reading.unit_id and owner.id = owner_id
  where expected <> worth order by reading.moment, 2"""
LEFT_OUT_SQL: Final = """
  select unit.code, key_name(fold_key.unit_id, fold_key.id) || ' ' || period.last_day, null, null, null, fold_key.currency,
         null, null, null, period.last_day, end_of(period.last_day)
  from period join unit on unit.id = period.unit_id join organization on organization.id = unit.organization_id
  join fold_key on fold_key.unit_id = unit.id and fold_key.contour = 'reg' and fold_key.currency <> organization.book_currency
  where period.state <> 'open' and (%(unit_id)s::int8 is null or unit.id = %(unit_id)s)
    and not exists (select from document where document.unit_id = unit.id and document.kind = 'revaluation' and document.status = 'posted'
                    and document.date = period.last_day)
    and exists (select from lot where lot.unit_id = fold_key.unit_id and lot.key_id = fold_key.id and lot.moment < end_of(period.last_day)
                and lot.closed_moment >= end_of(period.last_day) and (lot.amount > 0) = (debt_sign(fold_key.relation) > 0))
  order by 1, period.last_day, 2"""


def revalued_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Lots that are worth something else after a revaluation than its rate gives."""
    units = [row[0] for row in conn.execute("select id from unit where %(id)s::int8 is null or id = %(id)s", {"id": unit_id})]
    laid = [
        (unit, point.document_id, point.moment, contour, currency, worth.rate, worth.per)
        for unit, points in load_points(conn, units, BEGINNING).items()
        for point in points
        for contour in point.contours
        for currency, worth in point.worths.items()
    ]
    if not laid:
        return []
    names = ("unit", "document", "moment", "contour", "currency", "rate", "per")
    columns = dict(zip(names, (list(column) for column in zip(*laid, strict=True)), strict=True))
    return [Row._make(row) for row in conn.execute(LOTS_SQL, columns, prepare=False)]


def left_out_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Debts in foreign currency open at the end of a closed month that has no revaluation."""
    return [Row._make(row) for row in conn.execute(LEFT_OUT_SQL, {"unit_id": unit_id})]


REVALUATION_CHECKS: Final = (
    Check(
        "C-4.5.2", "error", "3, C-4.5.2; 2.7", "row",
        "After a revaluation every open debt in foreign currency is worth what is left of it at that rate, and no advance was revalued.",
        "", revalued_rows,
    ),
    Check(
        "C-4.5.2.list", "list", "3, C-4.5.2; 2.7", "row",
        "Debts in foreign currency at the end of a closed month that nobody revalued.", "", left_out_rows,
    ),
)  # fmt: skip
