"""Open lots of both sides, and everything that can be set off at a day.

A lot can be set off by what is open of it in both contours: a row of a set-off binds both. Amounts are positive minor units of the
settlement currency. The list of everything reads kept sums (settlements/both_ways.py). Errors: unknown_reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import Moment
from setoff.core.money import rate_of_one
from setoff.setoffs.proposal import OpenLot
from setoff.settlements.both_ways import BothWaysWanted, both_ways
from setoff.settlements.open_queries import BothWays
from setoff.trade.kinds import ADJUSTMENT
from setoff.trade.terms import WE_OWE_BY_NATURE

LOTS_SQL: Final = """
  select case when l.residual > 0 then 'they_owe_us' else 'we_owe_them' end, party.code, party.name, k.relation,
         coalesce(c.code, ''), coalesce(c.number, ''),
         case when c.id is null then coalesce(v.content::jsonb ->> 'agreement', '') else '' end,
         case when n.object like 'order:%%' then substr(n.object, 7)
              when n.reg_object like 'order:%%' then substr(n.reg_object, 7) else '' end,
         k.currency, d.key, d.id,
         case when l.line > 1 or exists (
           select from fact f where f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = 2) then l.line else 0 end,
         d.kind, d.number, moment_date(l.rank),
         coalesce((select f.label from fact f where f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = l.line), ''),
         l.moment, l.due, least(abs(l.residual), abs(m.residual)), (l.residual < 0) <> (k.relation = any(%(we_owe)s)),
         case when d.kind = 'purchase' then coalesce(v.content::jsonb ->> 'incoming_number', '') else '' end
  from fold_key k
  join counterparty party on party.id = k.counterparty_id
  join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.residual <> 0
  join node n on n.unit_id = l.unit_id and n.id = l.node_id
  cross join lateral (
    select m.residual from lot m
    where m.unit_id = l.unit_id and m.key_id = n.mgmt_key_id and m.document_id = l.document_id and m.line = l.line
      and sign(m.residual) = sign(l.residual) offset 0) m
  cross join lateral (select d.* from document d where d.unit_id = l.unit_id and d.id = l.document_id offset 0) d
  left join version v on v.unit_id = d.unit_id and v.id = d.posted_version_id
  left join contract c on c.id = k.contract_id
  where k.unit_id = %(unit)s and k.contour = 'reg' and party.code = any(%(parties)s) and l.moment < %(before)s
    and (%(currency)s = '' or k.currency = %(currency)s)
  order by l.moment, l.line"""
PARTIES_SQL: Final = """
  select counterparty.code from counterparty left join partner on partner.id = counterparty.partner_id
  where coalesce(partner.code, counterparty.code) = %(partner)s or (partner.group_name = %(partner)s and partner.group_name <> '')
  order by 1"""
BOOK_SQL: Final = "select book_currency from organization join unit on unit.organization_id = organization.id where unit.id = %s"
RATES_SQL: Final = """
  select distinct on (currency) currency, rate, nominal from rate where currency = any(%s) and quote = %s and date <= %s
  order by currency, date desc"""
EVERYTHING: Final = 1_000_000


def open_lots(conn: Connection[Any], unit_id: int, counterparties: Sequence[str], day: date, *, currency: str = "") -> list[OpenLot]:
    """What a set-off of that day may name, of these counterparties (codes) in one unit, in the total order. Errors: unknown_reference."""
    known = {code for (code,) in conn.execute("select code from counterparty where code = any(%s)", [list(counterparties)])}
    for code in counterparties:
        if code not in known:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value=code, field="counterparty")
    names = {
        "unit": unit_id, "parties": list(counterparties), "currency": currency, "we_owe": list(WE_OWE_BY_NATURE), "before": _before(day),
    }  # fmt: skip
    return conn.cursor(row_factory=args_row(OpenLot)).execute(LOTS_SQL, names).fetchall()


def counterparties_of(conn: Connection[Any], partner: str) -> list[str]:
    """Codes of the counterparties of a partner (its code) or of a group of partners (its name). Errors: unknown_reference."""
    found = [code for (code,) in conn.execute(PARTIES_SQL, {"partner": partner})]
    if not found:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="partner", value=partner, field="partner")
    return found


def book_currency(conn: Connection[Any], unit_id: int) -> str:
    """The currency of a unit's books."""
    row = conn.execute(BOOK_SQL, [unit_id]).fetchone()
    assert row is not None
    return str(row[0])


def rates_on(conn: Connection[Any], book_currency: str, currencies: Iterable[str], day: date) -> dict[str, Decimal]:
    """Book currency for one unit of each, as the rate table has it on the day; those without a rate are left out."""
    rows = conn.execute(RATES_SQL, [sorted({*currencies} - {book_currency}), book_currency, day])
    return {currency: rate_of_one(rate, nominal) for currency, rate, nominal in rows} | {book_currency: Decimal(1)}


def what_can_be_set_off(
    conn: Connection[Any], day: date, *, today: date, unit: str = "", currency: str = "", parties: Sequence[str] | None = None
) -> list[BothWays]:
    """A row for each unit, counterparty and currency with debts both ways (advances apart): the largest first in each currency. `parties`:
    codes, None = everybody."""
    wanted = wanted_on(day, today=today)._replace(unit=unit, currency=currency)
    if parties is not None:
        rows = conn.execute("select id from counterparty where code = any(%s)", [list(parties)])
        wanted = wanted._replace(parties=[party_id for (party_id,) in rows])
    return both_ways(conn, wanted, limit=EVERYTHING)


def wanted_on(day: date, *, today: date) -> BothWaysWanted:
    """The whole list at a day: of an earlier one, what stood by then and is open still."""
    return BothWaysWanted(today=day, before=None if day >= today else _before(day))


def _before(day: date) -> int:
    """What stands before this moment can be named by a new adjustment of the day: those that are there already have lower numbers."""
    return Moment(day, ADJUSTMENT + 1, 0).pack()
