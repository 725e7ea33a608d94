"""The neutral workload says what any correct FIFO must give; an import that gives anything else is not measured but refused."""

from __future__ import annotations

from typing import Any

from bench.workloads import Truth
from setoff.books.charts import load_chart
from setoff.core.chart import CurrencyClass, Role

LOTS = """
  select coalesce(sum(residual) filter (where residual > 0), 0), coalesce(-sum(residual) filter (where residual < 0), 0)
  from lot join fold_key on fold_key.id = key_id where contour = %s"""
ALLOCATIONS = """
  select count(*), coalesce(sum(amount), 0) from allocation join fold_key on fold_key.id = key_id where contour = %s"""
BALANCES = """
  select account.code, sum(amount)
  from (select debit_account_id as id, amount from posting union all select credit_account_id, -amount from posting) side
  join account using (id) group by account.code"""


def check_truth(conn: Any, truth: Truth) -> None:
    """Both contours hold the debt, the advances and the allocations of the truth, and the ledger its balances."""
    for contour in ("reg", "mgmt"):
        found = (*conn.execute(LOTS, [contour]).fetchone(), *conn.execute(ALLOCATIONS, [contour]).fetchone())
        assert found == (truth.debt, truth.advance, truth.alloc_rows, truth.alloc_cents), (contour, found, truth)
    chart = load_chart("intl")
    pair = chart.pair("buyer", CurrencyClass.BOOK)
    accounts = {
        "receivable": {pair.debt},
        "advances": {pair.advance},
        "bank": {chart.role(Role.BANK)},
        "revenue": {chart.role(Role.REVENUE)},
        "vat": {chart.role(Role.VAT_OUTPUT), chart.role(Role.VAT_ON_DECREASE)},
    }
    balances = dict(conn.execute(BALANCES).fetchall())
    ledger = {name: sum(balances.get(code, 0) for code in codes) for name, codes in accounts.items()}
    assert ledger == {name: truth.gl[name] for name in ledger}, (ledger, truth.gl)
    assert sum(balances.values()) == 0
