"""Difference of contours (spec 6.13): both contours beside each other where they differ, the planned part with its documents, the unplanned
part (always 0 in sound books).

In large books a page has the rows of some parties, in the order of their names: their lots alone are read. Totals need the lots of all, and
are asked for apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from psycopg import Connection

from setoff.reports.report import Column, Portion, Question, Report, Section, Total
from setoff.reports.statement import RELATION
from setoff.settlements.contour_queries import ContourBalance, contour_balances, parties_after

AMOUNTS: Final = ("mgmt", "mgmt_debt", "mgmt_advance", "reg", "reg_debt", "reg_advance", "difference", "planned", "unplanned")


def contour_difference(conn: Connection[Any], question: Question) -> Report:
    """Every row, or those of a page without totals."""
    portion = question.portion
    if portion is None or not _is_paged(question):
        rows = contour_balances(conn, question.scope, question.as_of, only_differing=not question.everything)
        return _report(question, rows, _totals(rows))
    rows, following = _page(conn, question, portion)
    if following is None and portion.after is None:
        return _report(question, rows, _totals(rows))
    return replace(_report(question, rows, []), following=following, totals_apart=True)


def contour_totals(conn: Connection[Any], question: Question) -> Report:
    """The totals over everybody, for the pages that come without them."""
    found = contour_difference(conn, replace(question, portion=None))
    return replace(found, sections=[replace(section, rows=[]) for section in found.sections])


def _is_paged(question: Question) -> bool:
    return question.known_at is None and not question.scope.counterparties and not question.scope.contracts


def _page(conn: Connection[Any], question: Question, portion: Portion) -> tuple[list[ContourBalance], tuple[int, int, int] | None]:
    """About so many rows: all of each party. Where few parties differ, twice as many are read next. The next page begins after the last."""
    rows: list[ContourBalance] = []
    last, size = portion.after[1] if portion.after else None, portion.rows_max
    while True:
        parties = parties_after(conn, last, limit=size + 1)
        among = tuple(parties[:size])
        if among:
            scope = question.scope._replace(counterparties=among)
            rows += contour_balances(conn, scope, question.as_of, only_differing=not question.everything)
        if len(parties) <= size:
            return rows, None
        last, size = among[-1], 2 * size
        if 2 * len(rows) >= portion.rows_max:
            return rows, (0, last, 0)


def _totals(rows: Sequence[ContourBalance]) -> list[Total]:
    totals = []
    for currency in sorted({row.currency for row in rows}):
        of_currency = [row for row in rows if row.currency == currency]
        sums = {name: sum(getattr(row, name) for row in of_currency) for name in AMOUNTS}
        total = of_currency[0]._replace(unit="", counterparty="", contract="", relation="", documents="", **sums)
        totals.append(Total("total-in", total, {"currency": currency}))
    return totals


def _report(question: Question, rows: Sequence[ContourBalance], totals: Sequence[Total]) -> Report:
    columns = [
        Column("unit", named_by="unit"), Column("counterparty"), Column("contract", named_by="contract"), RELATION, Column("currency"),
        *(Column(name, "money") for name in AMOUNTS), Column("documents", optional=True),
    ]  # fmt: skip
    return Report("contour-difference", question, columns, [Section(rows, totals)], of_contour=False)
