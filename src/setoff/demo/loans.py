"""Two loans of the demo group: one received, repaid in equal parts, one granted, returned at the end; their interest but for the last full
month, which waits to be accrued. Chosen by code, drawn by nobody: the same group has the same loans.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final, Literal, NamedTuple

import psycopg

from setoff.books.audit import Actor
from setoff.core.interest import DAY
from setoff.core.money import format_amount
from setoff.demo.group import HOUSES
from setoff.parties.records import Contract, Loan, LoanRate
from setoff.parties.services import save_masters
from setoff.settlements.loans.accrual import accrue
from setoff.settlements.loans.overview import full_month_end, loan_rows
from setoff.settlements.services import post_document
from setoff.trade.documents import Payment

DAYS_BEFORE: Final = 150
"""So long before the last day the money came and went."""
YEAR: Final = timedelta(days=365)
REPAID: Final = 4
"""So many instalments of the loan received are paid."""
PARTIES_SQL: Final = """
  select distinct counterparty.code from contract join counterparty on counterparty.id = contract.counterparty_id
  join organization on organization.id = contract.organization_id
  where organization.code = %s and contract.currency = organization.book_currency order by 1 limit 2"""
ITEM: Final = {"ru": "Проценты по займам", "zh": "借款利息", "en": "Interest on loans"}


class Lent(NamedTuple):
    """A loan of the story: its terms but for code, item and maturity."""

    relation: Literal["loan_received", "loan_granted"]
    number: str
    amount: str
    percent: str
    repayment: Literal["equal", "bullet"]


STORY: Final = (
    Lent("loan_received", "1", "6000000.00", "16", "equal"),
    Lent("loan_granted", "2", "1500000.00", "14.5", "bullet"),
)


def add_loans(conn: psycopg.Connection[Any], last_day: date, actor: Actor) -> None:
    """The loans are in the books of the first organization."""
    house, begun = HOUSES[0], last_day - timedelta(days=DAYS_BEFORE)
    unit, organization = house.units[0].code, house.organization
    for lent, (party,) in zip(STORY, conn.execute(PARTIES_SQL, [organization.code]).fetchall(), strict=False):
        code = f"{organization.code}-LOAN-{lent.number}"
        contract = Contract(
            code=code, organization=organization.code, counterparty=party, number=f"{lent.number}/{begun.year % 100}",
            currency=organization.book_currency, relation=lent.relation,
            date=begun.isoformat(), valid_from=begun.isoformat(),
        )  # fmt: skip
        terms = Loan(
            code=code, item=ITEM[organization.language], maturity=(begun + YEAR).isoformat(), rates=[LoanRate(percent=lent.percent)],
            repayment=lent.repayment,
        )  # fmt: skip
        save_masters(conn, [contract, terms], actor)
        party_of: dict[str, Any] = {"unit": unit, "counterparty": party, "contract": code}
        post_document(conn, Payment(kind=lent.relation, date=begun.isoformat(), amount=lent.amount, key=f"{code}/lent", **party_of), actor)
        if lent.repayment == "equal":
            _repay(conn, party_of, begun, actor)
    accrue(conn, unit, full_month_end(full_month_end(last_day) - DAY), actor)


def _repay(conn: psycopg.Connection[Any], party_of: dict[str, Any], begun: date, actor: Actor) -> None:
    """The first instalments are paid on their days."""
    (unit_id,) = conn.execute("select id from unit where code = %s", [party_of["unit"]]).fetchone() or (0,)
    day = begun
    for number in range(1, REPAID + 1):
        (row,) = loan_rows(conn, [unit_id], day, contracts=[party_of["contract"]])
        due = next(due for due in row.standing.due if due.day > day)
        paid = Payment(
            kind="loan_repaid", date=due.day.isoformat(), amount=format_amount(due.principal + due.interest, row.book.currency),
            key=f"{party_of['contract']}/{number}", **party_of,
        )  # fmt: skip
        post_document(conn, paid, actor)
        day = due.day
