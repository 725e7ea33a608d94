"""The reserve for doubtful debts in the books: what a debtor's is, what a write-off takes of it, and that it never falls below zero.

The balance of a debtor is that of the reserve account by its analytics (trade/doubtful.py), so what is entered there counts. A write-off
that does not say what the reserve bears is given as much as there is before it; the words say it from then on. Estimates are not restated:
what changes the reserve before it afterwards must leave that much (reserve_exceeded).

Errors: reserve_exceeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
import psycopg

from setoff.books.charts import account_id, chart_names, load_chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import Moment, day_of
from setoff.core.money import Money, format_amount, parse_amount
from setoff.trade.directory import Directory, UnitTerms
from setoff.trade.documents import AnyDocument, DebtAdjustment, DoubtfulReserve, ManualEntry
from setoff.trade.doubtful import debtor_of
from setoff.trade.header import Header
from setoff.trade.registry import facts
from setoff.trade.supply import Setting
from setoff.trade.write_off import bears_reserve, is_receivable_written_off

BALANCES_SQL: Final = """
  select item, sum(case when credit_account_id = %(account)s then amount else 0 end
                 - case when debit_account_id = %(account)s then amount else 0 end)::bigint
  from posting
  where unit_id = %(unit)s and moment < %(moment)s and document_id <> %(document)s and {of_reserve}
    and (%(items)s::text[] is null or item = any(%(items)s))
  group by item"""
LOWEST_SQL: Final = """
  select item, moment, balance from (
    select item, moment, sum(sum(case when credit_account_id = %(account)s then amount else 0 end
                               - case when debit_account_id = %(account)s then amount else 0 end))
                         over (partition by item order by moment)::bigint as balance
    from posting where unit_id = %(unit)s and {of_reserve} group by item, moment) running
  where balance < 0 order by moment, item limit 1"""


@cache
def reserve_accounts() -> tuple[int, ...]:
    """The reserve accounts of all charts."""
    charts = [load_chart(name) for name in chart_names()]
    return tuple(sorted(account_id(chart.name, chart.reserve_account) for chart in charts if chart.reserve_account))


def of_reserve() -> str:
    """The condition that the partial index of postings on reserve accounts stands on (migration 0028_reserves)."""
    among = ", ".join(map(str, reserve_accounts()))
    return f"(debit_account_id in ({among}) or credit_account_id in ({among}))"


def reserve_balances(
    conn: psycopg.Connection[Any], unit: UnitTerms, moment: int, *, document_id: int = 0, debtors: Sequence[str] | None = None
) -> dict[str, int]:
    """By debtor, what is kept before a moment, minor units of book currency; without what one document does."""
    if not unit.chart.reserve_account:
        return {}
    names = {
        "account": account_id(unit.chart.name, unit.chart.reserve_account), "unit": unit.id, "moment": moment, "document": document_id,
        "items": list(debtors) if debtors is not None else None,
    }  # fmt: skip
    return {item: balance for item, balance in conn.execute(BALANCES_SQL.format(of_reserve=of_reserve()), names) if balance}


def take_from_reserve(
    conn: psycopg.Connection[Any], document: AnyDocument, head: Header, document_id: int, directory: Directory
) -> AnyDocument:
    """A write-off whose rows say what the reserve bears: where they did not, as much as there is before it."""
    unit = head.unit
    if not isinstance(document, DebtAdjustment) or not is_receivable_written_off(document) or not unit.chart.reserve_account:
        return document
    debtors = [debtor_of(row.counterparty, row.contract) for row in document.rows]
    if all(row.reserve or row.side != "they_owe_us" for row in document.rows):
        return document
    moment = Moment(head.date, head.day_order, document_id).pack()
    left = reserve_balances(conn, unit, moment, document_id=document_id, debtors=sorted(set(debtors)))
    if not left:
        return document
    statement = facts(document, document_id, directory)
    for row, debtor in zip(document.rows, debtors, strict=True):
        if row.reserve and debtor in left:
            left[debtor] -= parse_amount(row.reserve, unit.book_currency)
    rows = list(document.rows)
    setting = Setting(unit, head.date, True, True)
    for index, (row, debtor, fact) in enumerate(zip(document.rows, debtors, statement.facts, strict=True)):
        taken = min(left.get(debtor, 0), abs(fact.book))
        if not row.reserve and taken > 0 and bears_reserve(row, fact.node.relation, setting):
            left[debtor] -= taken
            rows[index] = msgspec.structs.replace(row, reserve=format_amount(taken, unit.book_currency))
    return msgspec.structs.replace(document, rows=rows)


def keep_reserves(conn: psycopg.Connection[Any], unit: UnitTerms, document: AnyDocument) -> None:
    """No debtor's reserve is below zero at any moment. Asked after what may lower one. Errors: reserve_exceeded."""
    if not unit.chart.reserve_account or not _moves_reserve(document, unit.chart.reserve_account):
        return
    names = {"account": account_id(unit.chart.name, unit.chart.reserve_account), "unit": unit.id}
    found = conn.execute(LOWEST_SQL.format(of_reserve=of_reserve()), names).fetchone()
    if found is not None:
        debtor, moment, balance = found
        raise DomainError(
            ErrorCode.RESERVE_EXCEEDED, debtor=debtor, date=day_of(moment), excess=Money(-balance, unit.book_currency), field="rows"
        )


def _moves_reserve(document: AnyDocument, account: str) -> bool:
    """Whether it may stand on the reserve account; a reversal of a write-off raises it, taking one out lowers it."""
    if isinstance(document, ManualEntry):
        return any(account in (row.debit.account, row.credit.account) for row in document.rows)
    return isinstance(document, DoubtfulReserve) or (isinstance(document, DebtAdjustment) and document.kind == "write_off")
