"""Any reserve for doubtful debts, as a strategy (tests/trade/any_document.py)."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from setoff.core.money import format_amount
from setoff.trade.directory import Directory
from setoff.trade.documents import DoubtfulReserve, ReserveRow


@st.composite
def any_reserve(draw: st.DrawFn, directory: Directory, header: dict[str, Any], party: dict[str, str]) -> DoubtfulReserve:
    """Of a unit whose chart keeps a reserve: another one is replaced, and names its debtors without a contract."""
    keeps = bool(directory.units[header["unit"]].chart.reserve_account)
    fields = {name: value for name, value in header.items() if name != "rate"} | ({} if keeps else {"unit": "MSK"})
    amount = format_amount(draw(st.integers(1, 10**11)), directory.units[fields["unit"]].book_currency)
    way = {draw(st.sampled_from(("accrued", "released"))): amount}
    row = ReserveRow(counterparty=party["counterparty"], contract=party["contract"] if keeps else "", **way)
    return DoubtfulReserve(**fields, item="x", department="y", rows=[row])
