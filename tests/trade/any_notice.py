"""Rows of notices and local entries, drawn for `any_document.py`."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from setoff.core.chart import CurrencyClass
from setoff.trade.directory import Directory
from setoff.trade.notice_documents import NoticeRow
from tests.trade.any_lines import amounts


def notice_sides(kind: str) -> dict[str, Any]:
    """What makes a document a side of a notice."""
    return {"notice": "n", "other": "SPB", "side": "sender"} if kind == "branch_notice" else {}


@st.composite
def notice_rows(draw: st.DrawFn, directory: Directory, kind: str, unit_code: str, party: dict[str, str]) -> list[NoticeRow]:
    """Rows of plain accounts, of the account between units (one side of a notice), and of a party in book currency."""
    unit = directory.units[unit_code]
    plain = next(code for code, found in unit.chart.accounts.items() if not found.is_settlement and not found.is_inter_branch)
    own = directory.contracts.get(party["contract"])
    of_party: dict[str, str] = {name: value for name, value in party.items() if name != "agreement"}
    if own is None or own.currency != unit.book_currency:
        own, of_party = None, {**of_party, "contract": "", "relation": "other"}
    owed = unit.chart.pair(own.relation if own else "other", CurrencyClass.BOOK).debt

    def row() -> NoticeRow:
        other = unit.chart.inter_branch[0] if kind == "branch_notice" else plain
        mine, more = draw(st.sampled_from(((plain, {}), (owed, of_party))))
        debit, credit = draw(st.sampled_from(((mine, other), (other, mine))))
        said = {"amount": draw(amounts(unit.book_currency)), "item": draw(st.sampled_from(("", "x")))}
        return NoticeRow(debit=debit, credit=credit, **said, **more)

    return [row() for _ in range(draw(st.integers(1, 3)))]
