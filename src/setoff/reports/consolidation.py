"""The consolidated balance of head office and branches (spec 2.14, 6.12): the sum of their own registers, accounts down, units across.

Balances are signed: debit is plus, credit is minus. What the units owe one another stands on the accounts between units (30404): what
cancels there is shown as eliminated, and what does not must not be. A row that is not zero is marked, and below it stand the documents
that make it so. With a first day the turnover sheet of each unit and of all together: opening, debit, credit, closing.

Precondition is one accounting policy: units with different charts or currencies are refused (accounting_policies_differ). Sums come from
the turnovers kept by month; postings are read only to find what makes a row not zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.books.charts import load_chart
from setoff.books.ledger_queries import AccountTurnover, account_turnovers
from setoff.books.queries import UnitPolicy, unit_policies, units_beside
from setoff.core.errors import DomainError, ErrorCode
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Note, Question, Report, Section, Total
from setoff.settlements.inter_branch import OneSided, one_sided


class ConsolidationRow(NamedTuple):
    """`amounts`: of each unit. `eliminated`: what cancels between units; None on other accounts. `is_wrong`: must be zero and is not.
    `level` 1: a document that makes it so."""

    level: int
    currency: str
    account: str
    account_name: str
    document: DocumentName
    amounts: tuple[int, ...]
    total: int
    eliminated: int | None
    consolidated: int
    is_wrong: bool = False


class Figure(NamedTuple):
    """What a section shows of an account in a unit. `is_balance`: signed, so that units cancel in the sum itself."""

    heading: str
    amount: Callable[[AccountTurnover], int]
    is_balance: bool


OPENING: Final = Figure("consolidated-opening", lambda found: found.opening, is_balance=True)
DEBIT: Final = Figure("consolidated-debit", lambda found: found.debit, is_balance=False)
CREDIT: Final = Figure("consolidated-credit", lambda found: found.credit, is_balance=False)
CLOSING: Final = Figure("consolidated-closing", lambda found: found.opening + found.debit - found.credit, is_balance=True)


def consolidation(conn: Connection[Any], question: Question) -> Report:
    """Sections of balances and turnovers. Errors: accounting_policies_differ."""
    units, beside = unit_policies(conn, question.scope.units), units_beside(conn, question.scope.units)
    check_policy(units)
    found = account_turnovers(conn, question.scope, question.since, question.as_of, group_by=["unit"], language=question.language)
    figures = [OPENING, DEBIT, CREDIT, CLOSING] if question.since else [CLOSING]
    sections = [section for figure in figures if (section := _section(conn, question, units, found, figure, is_whole=not beside)).rows]
    if sections:
        notes = [*sections[-1].notes, *_notes(units, beside)]
        sections[-1] = Section(sections[-1].rows, sections[-1].totals, heading=sections[-1].heading, notes=notes)
    columns = [
        Column("account"), Column("account_name"), Column("document", "document", optional=True), Column("currency"),
        *(
            Column(f"unit_{unit.code}", "money", heading="of-unit", facts=(("unit", unit.code),), place=place)
            for place, unit in enumerate(units)
        ),
        Column("total", "money", heading="sum-of-units", shows_zero=True), Column("eliminated", "money", optional=True, shows_zero=True),
        Column("consolidated", "money", shows_zero=True),
    ]  # fmt: skip
    return Report("consolidation", question, columns, sections, of_contour=False)


def check_policy(units: Sequence[UnitPolicy]) -> None:
    """One chart of accounts and one book currency (spec 2.14). Errors: accounting_policies_differ."""
    if len({(unit.chart, unit.book_currency) for unit in units}) > 1:
        named = ", ".join(f"{unit.code} ({unit.chart}, {unit.book_currency})" for unit in units)
        raise DomainError(ErrorCode.ACCOUNTING_POLICIES_DIFFER, units=named)


def _section(
    conn: Connection[Any], question: Question, units: Sequence[UnitPolicy], found: Sequence[AccountTurnover], figure: Figure, *,
    is_whole: bool,
) -> Section:  # fmt: skip
    """Of an organization that is not there as a whole nobody can say what is one-sided."""
    between = set(load_chart(units[0].chart).inter_branch)
    place_of = {unit.code: place for place, unit in enumerate(units)}
    rows: list[ConsolidationRow] = []
    wrong: list[ConsolidationRow] = []
    for _, of_account in groupby(found, key=lambda row: (row.currency, row.account)):
        turnovers = list(of_account)
        amounts = [0] * len(units)
        for turnover in turnovers:
            amounts[place_of[turnover.unit]] = figure.amount(turnover)
        is_between = turnovers[0].account in between
        if not any(amounts) and not is_between:
            continue
        row = _row(turnovers[0], amounts, _eliminated(turnovers, figure) if is_between else None, figure)
        row = row._replace(is_wrong=row.is_wrong and is_whole)
        rows.append(row)
        if row.is_wrong and figure.is_balance:
            wrong.append(row)
            rows += _causes(conn, question, units, row, figure)
    notes = [Note("between-units-not-zero", {"account": row.account}) for row in wrong]
    return Section(rows, _totals(rows, figure), heading=Note(figure.heading), notes=notes)


def _row(found: AccountTurnover, amounts: Sequence[int], eliminated: int | None, figure: Figure) -> ConsolidationRow:
    total = sum(amounts)
    consolidated = total if figure.is_balance or eliminated is None else total - eliminated
    return ConsolidationRow(
        0, found.currency, found.account, found.account_name, NO_DOCUMENT, tuple(amounts), total, eliminated, consolidated,
        eliminated is not None and consolidated != 0,
    )  # fmt: skip


def _eliminated(turnovers: Sequence[AccountTurnover], figure: Figure) -> int:
    """What one unit has against another: the smaller of both sides."""
    if not figure.is_balance:
        return min(sum(found.debit for found in turnovers), sum(found.credit for found in turnovers))
    balances = [figure.amount(found) for found in turnovers]
    return min(sum(amount for amount in balances if amount > 0), -sum(amount for amount in balances if amount < 0))


def _causes(
    conn: Connection[Any], question: Question, units: Sequence[UnitPolicy], row: ConsolidationRow, figure: Figure
) -> list[ConsolidationRow]:
    """The documents whose sides of that account do not cancel, in the order of the books."""
    last = question.since - timedelta(days=1) if figure is OPENING and question.since else question.as_of
    return [_cause(found, units, row) for found in one_sided(conn, [unit.id for unit in units], row.account, as_of=last)]


def _cause(found: OneSided, units: Sequence[UnitPolicy], row: ConsolidationRow) -> ConsolidationRow:
    amounts = tuple(found.amounts.get(unit.id, 0) for unit in units)
    return row._replace(
        level=1, account_name="", document=DocumentName(found.key, found.kind, found.number, found.date), amounts=amounts,
        total=sum(amounts), eliminated=None, consolidated=sum(amounts), is_wrong=True,
    )  # fmt: skip


def _totals(rows: Sequence[ConsolidationRow], figure: Figure) -> list[Total]:
    """Of balances debit and credit by themselves, which are equal where the books are sound; of turnovers their sum."""
    accounts = [row for row in rows if row.level == 0]
    if not accounts:
        return []
    if not figure.is_balance:
        return [_sum("total-in", accounts, 0)]
    return [_sum("debit-balances", accounts, 1), _sum("credit-balances", accounts, -1)]


def _sum(label: str, rows: Sequence[ConsolidationRow], sign: int) -> Total:
    """The sums of a column's amounts, of one sign unless `sign` is 0."""

    def summed(amounts: Sequence[int]) -> int:
        return sum(amount for amount in amounts if amount * sign >= 0)

    by_unit = zip(*(row.amounts for row in rows), strict=True)
    row = rows[0]._replace(
        account="", account_name="", amounts=tuple(map(summed, by_unit)), total=summed([row.total for row in rows]),
        eliminated=None if sign else sum(row.eliminated or 0 for row in rows), consolidated=summed([row.consolidated for row in rows]),
        is_wrong=False,
    )  # fmt: skip
    return Total(label, row, {"currency": row.currency})


def _notes(units: Sequence[UnitPolicy], beside: Sequence[str]) -> list[Note]:
    """What the reader must know: units whose settings differ, units that are not among those asked about."""
    notes = []
    if len({unit.settings for unit in units}) > 1:
        notes.append(Note("unit-settings-differ", {"units": ", ".join(f"{unit.code}: {unit.vat_on_advances}" for unit in units)}))
    if beside:
        notes.append(Note("units-left-out", {"units": ", ".join(beside)}))
    return notes
