"""C-4.5.4a.list: income and expenses against settlements, entered by hand without an item (spec 3, C-4.5.4).

A manual entry may leave the item out; what a party costs or brings is then missing in the report of expenses. Adjustments of debts cannot:
C-4.5.4.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.books.charts import account_id, chart_names, load_chart
from setoff.core.chart import Role
from setoff.settlements.checks import Check, Row

ROLES: Final = (
    Role.REVENUE, Role.COST_OF_SALES, Role.EXPENSE, Role.FX_GAIN, Role.FX_LOSS, Role.PRIOR_INCOME, Role.PRIOR_EXPENSE, Role.BANK_CHARGES,
    Role.VAT_EXPENSE,
)  # fmt: skip
ITEMLESS_SQL: Final = """
  select unit.code, account_code(coalesce(entry.debit_account_id, entry.credit_account_id)) || ' ' || entry.line, 'item', '',
         entry.amount, organization.book_currency, document.key, document.kind, document.number, document.date, document.moment
  from document
  join entry on entry.unit_id = document.unit_id and entry.version_id = document.posted_version_id and entry.item = ''
   and (entry.debit_account_id is null) <> (entry.credit_account_id is null)
   and coalesce(entry.debit_account_id, entry.credit_account_id) = any(%(accounts)s)
  join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  where document.kind = 'manual_entry' and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
  order by document.moment, document.id, entry.line"""


def itemless_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Rows of manual entries between a party and an account of income or expenses that have no item."""
    charts = [load_chart(name) for name in chart_names()]
    accounts = {account_id(chart.name, chart.role(role)) for chart in charts for role in ROLES if role in chart.roles}
    return [Row._make(row) for row in conn.execute(ITEMLESS_SQL, {"unit_id": unit_id, "accounts": sorted(accounts)})]


ITEM_CHECKS: Final = (
    Check(
        "C-4.5.4a.list", "list", "3, C-4.5.4; 2.12", "row",
        "Income and expenses against a party that somebody entered by hand without an item.", "", itemless_rows,
    ),
)  # fmt: skip
