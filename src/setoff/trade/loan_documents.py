"""Interest of loans as people write it (spec 2.10). Rules: `trade/loan_interest.py`."""

from __future__ import annotations

from setoff.trade.document import Document, Part


class InterestRow(Part, kw_only=True):
    """Days, both included, on which one principal bore interest at one `percent` a year of `year_days` days (365, 366 or 360)."""

    first: str
    last: str
    principal: str
    percent: str
    year_days: int


class LoanInterest(Document, tag="loan_interest", kw_only=True):
    """Interest of a loan, received or granted, for the days from `first` to `last`: `amount` in the contract's currency is what the rows
    come to, rounded once. `account` is the expense or income (empty: the chart's), `item` its analytics, `due` when it is to be paid.
    `typed`: the other side says the amount; rows may be missing, and nothing else replaces it."""

    counterparty: str
    contract: str
    first: str
    last: str
    amount: str
    rows: list[InterestRow] = []
    account: str = ""
    item: str = ""
    due: str = ""
    typed: bool = False
