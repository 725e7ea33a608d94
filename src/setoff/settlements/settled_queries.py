"""Statement and ageing over everybody, a page at a time: totals from sums that triggers keep (settled_sums.sql), rows of some parties only.

A page is a piece of the list of all who ever had settlements, in the order of the report; those who had nothing in the period are left out
when their lots are read. Totals are those of the whole question and read no lot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, TypeVar

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.trade.terms import WE_OWE_BY_NATURE

Row = TypeVar("Row")
GROUPS: Final = frozenset({"unit", "partner", "counterparty"})
"""What a page can be grouped by; the counterparty always."""


class Party(NamedTuple):
    """Whose rows of which relation and currency: parallel to the columns of a key."""

    unit_id: int
    currency: str
    relation: str
    counterparty_id: int


class Section(NamedTuple):
    """The rows of a report between two totals."""

    book_currency: str
    currency: str
    relation: str


class PartyPlace(NamedTuple):
    """Where a page of parties begins: in which section, after how many of its parties."""

    section: int
    skipped: int


class TurnoverTotal(NamedTuple):
    """Everybody's settlements of a relation and currency in a period, as `SettlementTurnover`."""

    book_currency: str
    currency: str
    relation: str
    opening: int
    increase: int
    decrease: int
    closing: int
    debt: int
    advance: int
    opening_book: int
    closing_book: int


class AgeTotal(NamedTuple):
    """Everybody's open lots of a relation and currency, as `AgedSum`."""

    book_currency: str
    currency: str
    relation: str
    debts: tuple[int, ...]
    advance: int


def can_be_paged(group_by: Sequence[str], scope: Scope) -> bool:
    """Whether a report grouped so is read page by page: by counterparty, over everybody."""
    return "counterparty" in group_by and set(group_by) <= GROUPS and not scope.counterparties and not scope.contracts


TOTALS_SQL: Final = """
  with day as (
    select o.book_currency, s.currency, s.relation, s.relation = any(%(we_owe)s) as payable,
           sum(opened_plus - used_plus) filter (where day < %(first_day)s) as plus_before,
           sum(opened_minus - used_minus) filter (where day < %(first_day)s) as minus_before,
           sum(opened_plus + used_minus) filter (where day >= %(first_day)s) as increase,
           sum(opened_minus + used_plus) filter (where day >= %(first_day)s) as decrease,
           sum(opened_plus - used_plus) as plus, sum(opened_minus - used_minus) as minus,
           sum(book) filter (where day < %(first_day)s) as book_before, sum(book) as book
    from settled_day s join unit u on u.id = s.unit_id join organization o on o.id = u.organization_id
    where s.unit_id = any(%(scope_units)s) and s.contour = %(contour)s and s.day <= %(as_of)s {currencies}
    group by 1, 2, 3)
  select book_currency, currency, relation, (coalesce(plus_before, 0) - coalesce(minus_before, 0))::bigint,
         coalesce(increase, 0)::bigint, coalesce(decrease, 0)::bigint, (plus - minus)::bigint,
         (case when payable then minus else plus end)::bigint, (case when payable then plus else minus end)::bigint,
         coalesce(book_before, 0)::bigint, book::bigint
  from day where plus_before <> 0 or minus_before <> 0 or increase <> 0 or decrease <> 0
  order by 1, 2, 3"""
AGES_SQL: Final = """
  with aged as (
    select o.book_currency, d.currency, d.relation, d.what, d.amount, width_bucket(%(as_of)s::date - d.day, %(starts)s::int[]) as bucket
    from open_day d join unit u on u.id = d.unit_id join organization o on o.id = u.organization_id
    where d.unit_id = any(%(scope_units)s) and d.contour = %(contour)s and (d.relation = any(%(we_owe)s)) = %(payable)s {currencies})
  select book_currency, currency, relation, array[{debts}], coalesce(sum(amount) filter (where what = 'advance'), 0)::bigint
  from aged group by 1, 2, 3 having sum(amount) <> 0 order by 1, 2, 3"""
PARTIES_SQL: Final = """
  with party as (
    select p.counterparty_id, {unit} as unit, array_agg(p.unit_id) as units
    from settled_party p join unit u on u.id = p.unit_id join organization o on o.id = u.organization_id
    where p.unit_id = any(%(scope_units)s) and p.contour = %(contour)s
      and p.currency = %(currency)s and p.relation = %(relation)s and o.book_currency = %(book_currency)s
    group by 1, 2)
  select party.counterparty_id, party.units
  from party join counterparty cp on cp.id = party.counterparty_id left join partner pn on pn.id = cp.partner_id
  order by party.unit, {partner} cp.name, {partner_code} cp.code
  offset %(skipped)s limit %(limit)s"""


def turnover_totals(conn: Connection[Any], scope: Scope, contour: str, since: date | None, as_of: date) -> list[TurnoverTotal]:
    """The totals of a statement over all parties of the scope's units and currencies."""
    names = {**_common(scope, contour), "first_day": since or date.min, "as_of": as_of}
    query = TOTALS_SQL.format(currencies=_currencies(scope, "s"))
    return conn.cursor(row_factory=args_row(TurnoverTotal)).execute(query, names).fetchall()


def is_latest(conn: Connection[Any], scope: Scope, contour: str, as_of: date) -> bool:
    """Whether nothing was settled after the end of that day, so that what is open now was open then."""
    query = "select not exists (select from settled_day where unit_id = any(%s) and contour = %s and day >= %s)"
    row = conn.execute(query, [list(scope.units), contour, as_of + timedelta(days=1)]).fetchone()
    return bool(row and row[0])


def age_totals(
    conn: Connection[Any], scope: Scope, contour: str, as_of: date, *, bounds: Sequence[int], is_payable: bool
) -> list[AgeTotal]:
    """The totals of ageing over all parties at a day after which nothing was settled (`is_latest`)."""
    debts = ", ".join(
        f"coalesce(sum(amount) filter (where what = 'debt' and bucket = {place}), 0)::bigint" for place in range(len(bounds) + 2)
    )
    names = {
        **_common(scope, contour), "as_of": as_of, "payable": is_payable, "starts": [1, *(bound + 1 for bound in bounds)],
    }  # fmt: skip
    query = AGES_SQL.format(currencies=_currencies(scope, "d"), debts=debts)
    return conn.cursor(row_factory=args_row(AgeTotal)).execute(query, names).fetchall()


def page_of(
    conn: Connection[Any], scope: Scope, contour: str, sections: Sequence[Section], *, group_by: Sequence[str], place: PartyPlace,
    rows_max: int, read: Callable[[list[Party]], list[Row]],
) -> tuple[list[Row], PartyPlace | None]:  # fmt: skip
    """About so many rows of the report from a place on, and where the next page begins; None when these were the last. `read` gives
    the rows of some parties; who has none is passed over. `sections`: those that have any, in the order of the report."""
    rows: list[Row] = []
    while place.section < len(sections):
        section = sections[place.section]
        groups = _parties(conn, scope, contour, section, group_by, place.skipped, rows_max + 1)
        is_section_over = len(groups) <= rows_max
        groups = groups[:rows_max]
        if groups:
            rows += read([Party(unit, section.currency, section.relation, party) for party, units in groups for unit in units])
        place = PartyPlace(place.section + 1, 0) if is_section_over else PartyPlace(place.section, place.skipped + rows_max)
        if 2 * len(rows) >= rows_max and place.section < len(sections):
            return rows, place
    return rows, None


def _parties(
    conn: Connection[Any], scope: Scope, contour: str, section: Section, group_by: Sequence[str], skipped: int, limit: int
) -> list[tuple[int, list[int]]]:  # fmt: skip
    """Counterparties (and their units) of a section, in the order of the report."""
    by_partner = "partner" in group_by
    query = PARTIES_SQL.format(
        unit="u.code" if "unit" in group_by else "''", partner="coalesce(pn.name, cp.name)," if by_partner else "",
        partner_code="coalesce(pn.code, '')," if by_partner else "",
    )  # fmt: skip
    names = {**scope.parameters(), **section._asdict(), "contour": contour, "skipped": skipped, "limit": limit}
    return conn.execute(query, names).fetchall()


def _currencies(scope: Scope, alias: str) -> str:
    return scope.clause(alias=alias, names=("currencies",))


def _common(scope: Scope, contour: str) -> dict[str, object]:
    return {**scope.parameters(), "contour": contour, "we_owe": list(WE_OWE_BY_NATURE)}
