"""The list of contracts about to end, as a report: who looks after them, how long they run, what is open on them (spec 1.2)."""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.parties.expiring import Expiring, expiring_contracts
from setoff.reports.report import Column, Question, Report, Section

COLUMNS: Final = (
    Column("valid_to", "date"),
    Column("days_left", "count"),
    Column("code"),
    Column("contract"),
    Column("counterparty"),
    Column("organization", named_by="organization"),
    Column("relation", "term", vocabulary="relation"),
    Column("manager", optional=True),
    Column("they_owe", "money"),
    Column("we_owe", "money"),
    Column("currency"),
)


class Row(NamedTuple):
    """`days_left` is below zero for a contract that has ended and is still active: nothing can be posted on it."""

    valid_to: datetime.date
    days_left: int
    code: str
    contract: str
    counterparty: str
    organization: str
    relation: str
    manager: str
    they_owe: int
    we_owe: int
    currency: str


def expiring(conn: Connection[Any], question: Question) -> Report:
    """Active contracts that end by so many days after the report's date; or a page of them."""
    scope = question.scope
    until = min(question.as_of, datetime.date.max - timedelta(days=question.within)) + timedelta(days=question.within)
    page = question.portion
    after = (datetime.date.fromordinal(page.after[0]), page.after[1]) if page and page.after else None
    found = expiring_contracts(
        conn, until, scope.units, scope.counterparties, scope.contracts, scope.currencies, after=after,
        limit=page.rows_max + 1 if page else None,
    )  # fmt: skip
    shown = found[: page.rows_max] if page else found
    rows = [_row(line, question.as_of) for line in shown]
    following = (shown[-1].valid_to.toordinal(), shown[-1].contract_id, 0) if len(found) > len(shown) else None
    return Report("expiring-contracts", question, COLUMNS, [Section(rows)] if rows else [], of_contour=False, following=following)


def _row(line: Expiring, day: datetime.date) -> Row:
    return Row(
        line.valid_to, (line.valid_to - day).days, line.code, line.number, line.counterparty, line.organization, line.relation,
        line.manager, line.owed, line.owing, line.currency,
    )  # fmt: skip
