"""Exchange differences by debt and month: how its worth came from what it was to what it is (spec 2.7).

Unrealised is what revaluations gave, realised what settlements gave; gains are positive. Together they are the postings of kinds `fx` and
`revaluation` of the regulated contour.
"""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.books.months import month_after
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Question, Report, Section, Total
from setoff.settlements.revaluation.queries import Difference, differences

SKIPPED_MAX: Final = (1 << 63) - 1


class DifferenceRow(NamedTuple):
    """`left` in the settlement currency at the month's end, + they owe us; worths and differences in book currency."""

    date: datetime.date | None
    document: DocumentName
    unit: str
    counterparty: str
    contract: str
    left: int | None
    currency: str
    before: int | None
    unrealised: int
    realised: int
    total: int
    after: int | None
    book_currency: str


COLUMNS = (
    Column("date", "date", heading="month-end"),
    Column("document", "document"),
    Column("unit", named_by="unit"),
    Column("counterparty", named_by="counterparty"),
    Column("contract", named_by="contract", optional=True),
    Column("left", "money", heading="fx-left", shows_zero=True),
    Column("currency"),
    Column("before", "money", currency="book_currency", heading="fx-before"),
    Column("unrealised", "money", currency="book_currency", heading="fx-unrealised"),
    Column("realised", "money", currency="book_currency", heading="fx-realised"),
    Column("total", "money", currency="book_currency", heading="fx-total", shows_zero=True),
    Column("after", "money", currency="book_currency", heading="fx-after"),
)


def exchange_differences(conn: Connection[Any], question: Question) -> Report:
    """A row for every debt (or advance) and month with a difference, in the order of the debts; sums by book currency, of all rows also
    where these are a page of them."""
    portion = question.portion
    skipped = portion.after[1] if portion and portion.after else 0
    found, sums = differences(
        conn, question.scope, question.contour, question.since, question.as_of, skipped=min(skipped, SKIPPED_MAX),
        limit=portion.rows_max + 1 if portion else None,
    )  # fmt: skip
    shown = found[: portion.rows_max] if portion else found
    totals = [
        Total(
            "total-in",
            DifferenceRow(
                None, NO_DOCUMENT, "", "", "", None, "", None, kept.unrealised, kept.realised, kept.unrealised + kept.realised, None,
                kept.book_currency,
            ),
            {"currency": kept.book_currency},
        )
        for kept in sums
    ]  # fmt: skip
    sections = [Section([_row(one) for one in shown], totals)] if shown else []
    following = (0, skipped + len(shown), 0) if len(found) > len(shown) else None
    return Report("exchange-differences", question, COLUMNS, sections, following=following)


def _row(found: Difference) -> DifferenceRow:
    return DifferenceRow(
        month_after(found.month) - timedelta(days=1), DocumentName(found.key, found.kind, found.label or found.number, found.date),
        found.unit, found.counterparty, found.contract, found.left, found.currency, found.before, found.unrealised, found.realised,
        found.unrealised + found.realised, found.after, found.book_currency,
    )  # fmt: skip
