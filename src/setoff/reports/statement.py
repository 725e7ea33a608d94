"""Reports of open lots: statement of settlements (6.4), ageing (6.6).

Receivables and payables are never added up: totals stand per currency and relation. Debts and advances stand beside each
other and are never netted.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.money import round_half_up
from setoff.reports.management import Balances, Management, management, rounding
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Note, Portion, Question, Report, Section, Total
from setoff.settlements import queries, settled_queries
from setoff.settlements.queries import AgedSum, SettlementTurnover
from setoff.settlements.settled_queries import AgeTotal, Party, PartyPlace
from setoff.settlements.settled_queries import Section as Sums
from setoff.trade.terms import WE_OWE_BY_NATURE

RELATION = Column("relation", "term", vocabulary="relation")
IN_MANAGEMENT: Final = (
    Column("management_currency", currency="management_currency", beside="book_currency"),
    Column("opening_management", "money", currency="management_currency", beside="book_currency"),
    Column("closing_management", "money", currency="management_currency", beside="book_currency"),
)
"""Where some organization asked about names a management currency (management.py)."""


def group_columns(group_by: Sequence[str]) -> list[Column]:
    """Columns of the analytics asked for, in the order of the fields."""
    kinds = {"object": "object"}
    names = [name for name in ("unit", "partner", "counterparty", "contract", "object") if name in group_by]
    return [Column(name, "object" if name in kinds else "text") for name in names]


class Codes(NamedTuple):
    """The codes behind the names of a group, for drilling down; empty where it is not grouped by."""

    partner: str
    counterparty: str
    contract: str


NO_CODES: Final = Codes("", "", "")


class StatementRow(NamedTuple):
    unit: str
    partner: str
    counterparty: str
    contract: str
    object: str
    relation: str
    document: DocumentName
    codes: Codes
    currency: str
    book_currency: str
    in_management: Balances
    opening: int
    increase: int
    decrease: int
    closing: int
    debt: int
    advance: int
    opening_book: int
    closing_book: int

    @property
    def management_currency(self) -> str:
        return self.in_management.currency

    @property
    def opening_management(self) -> int | None:
        return self.in_management.opening

    @property
    def closing_management(self) -> int | None:
        return self.in_management.closing


def codes_of(found: SettlementTurnover | AgedSum) -> Codes:
    return Codes(found.partner_code, found.counterparty_code, found.contract_code)


def _statement_row(found: SettlementTurnover, own: Management) -> StatementRow:
    document = DocumentName(found.key, found.kind, found.number, found.date)
    return StatementRow(
        found.unit, found.partner, found.counterparty, found.contract, found.object, found.relation, document, codes_of(found),
        found.currency, found.book_currency, own.balances(found.book_currency, found.opening_book, found.closing_book),
        found.opening, found.increase, found.decrease, found.closing, found.debt, found.advance, found.opening_book, found.closing_book,
    )  # fmt: skip


def _statement_total(sums: Sequence[int], of: Sums, own: Management) -> Total:
    """The total of a relation and currency. In management currency it is the book total translated: the same on every page and however
    rows are grouped."""
    translated = own.balances(of.book_currency, *sums[-2:])
    row = StatementRow("", "", "", "", "", of.relation, NO_DOCUMENT, NO_CODES, of.currency, of.book_currency, translated, *sums)
    return Total("total-of", row, {"currency": of.currency, "relation": of.relation})


def _section(row: StatementRow) -> Sums:
    return Sums(row.book_currency, row.currency, row.relation)


def _in_management(rows: Sequence[StatementRow], totals: Sequence[Total], own: Management, is_whole: bool) -> Section:
    """Rows and totals, with what a reader must know of their translation: above each total what its rows were rounded by, which only
    all rows tell; what could not be translated."""
    stated = [(row.book_currency, row.opening_book, row.closing_book) for row in (*(total.row for total in totals), *rows)]
    if not is_whole:
        return Section(rows, totals, notes=[*own.notes(stated), Note("management-rounding")])
    found = []
    for total in totals:
        rounded = rounding(total.row.in_management, [row.in_management for row in rows if _section(row) == _section(total.row)])
        found += [Total("rounding", rounded, total.facts), total] if rounded else [total]
    return Section(rows, found, notes=own.notes(stated))


def is_paged(question: Question) -> bool:
    """Whether rows are read a page at a time and totals from kept sums. A reserve is rounded row by row, so it needs them all."""
    asked = question.portion is not None and question.known_at is None and not question.reserve
    return asked and settled_queries.can_be_paged(question.group_by, question.scope)


def statement(conn: Connection[Any], question: Question) -> Report:
    scope, contour, since, as_of, group_by = question.scope, question.contour, question.since, question.as_of, question.group_by
    following, totals, own = None, list[Total](), management(conn, scope, since, as_of)
    if question.portion and is_paged(question):
        sums = settled_queries.turnover_totals(conn, scope, contour, since, as_of)
        found, following = settled_queries.page_of(
            conn, scope, contour, [Sums(*kept[:3]) for kept in sums], group_by=group_by, place=_place(question.portion),
            rows_max=question.portion.rows_max,
            read=lambda among: queries.settlement_turnovers(conn, scope, contour, since, as_of, group_by=group_by, among=among),
        )  # fmt: skip
        rows = [_statement_row(row, own) for row in found]
        totals = [_statement_total(kept[3:], Sums(*kept[:3]), own) for kept in sums]
    else:
        rows = [_statement_row(row, own) for row in queries.settlement_turnovers(conn, scope, contour, since, as_of, group_by=group_by)]
        for section, group in groupby(rows, key=_section):
            totals.append(_statement_total([sum(amounts) for amounts in zip(*(row[11:] for row in group), strict=True)], section, own))
    amounts = [Column(name, "money") for name in ("opening", "increase", "decrease", "closing", "debt", "advance")]
    columns = [
        *group_columns(question.group_by), RELATION,
        *([Column("document", "document", heading="settlement_document")] if "document" in question.group_by else []),
        Column("currency"), *amounts, Column("book_currency", currency="book_currency", beside="currency"),
        Column("opening_book", "money", currency="book_currency", beside="currency"),
        Column("closing_book", "money", currency="book_currency", beside="currency"),
    ]  # fmt: skip
    shown = Section(rows, totals)
    if own.is_named:
        columns += IN_MANAGEMENT
        is_whole = following is None and not (question.portion and question.portion.after)
        shown = _in_management(rows, totals, own, is_whole)
    return Report("statement", question, columns, [shown], following=_following(following))


def _place(portion: Portion) -> PartyPlace:
    return PartyPlace(max(portion.after[0], 0), portion.after[1]) if portion.after else PartyPlace(0, 0)


def _following(place: PartyPlace | None) -> tuple[int, int, int] | None:
    return None if place is None else (*place, 0)


class AgeingRow(NamedTuple):
    """`amounts`: not due, then the buckets; `advance` stands beside them."""

    unit: str
    partner: str
    counterparty: str
    contract: str
    object: str
    relation: str
    document: DocumentName
    codes: Codes
    due: datetime.date | None
    overdue_days: int | None
    currency: str
    amounts: tuple[int, ...]
    total: int
    advance: int
    reserve: int


def _bucket_columns(buckets: Sequence[int]) -> list[Column]:
    columns = [Column("not_due", "money", place=0)]
    first = 1
    for place, last in enumerate(buckets, 1):
        days = (("first", str(first)), ("last", str(last)))
        columns.append(Column(f"overdue_{first}_{last}", "money", heading="overdue", facts=days, place=place))
        first = last + 1
    over = Column(f"overdue_{first}", "money", heading="overdue_more", facts=(("first", str(first)),), place=len(buckets) + 1)
    return [*columns, over]


def ageing(conn: Connection[Any], question: Question) -> Report:
    """Debts by days overdue at the report date (the due day itself is 0), advances beside them (spec 6.6)."""
    buckets = _bucket_columns(question.buckets)
    rows: list[AgeingRow] = []
    totals, following, totals_apart = [], None, False
    if question.portion and is_paged(question):
        totals_apart = not has_kept_ages(conn, question)
        kept_sums = () if totals_apart else _kept_ages(conn, question)
        sections = _sections_then(conn, question) if totals_apart else [Sums(*kept[:3]) for kept in kept_sums]
        found, following = settled_queries.page_of(
            conn, question.scope, question.contour, sections, group_by=question.group_by, place=_place(question.portion),
            rows_max=question.portion.rows_max, read=lambda among: _aged_sums(conn, question, question.group_by, among),
        )  # fmt: skip
        rows = [_ageing_row(sums, question) for sums in found]
        for kept in kept_sums:
            row = AgeingRow(
                "", "", "", "", "", kept.relation, NO_DOCUMENT, NO_CODES, None, None, kept.currency, tuple(kept.debts), sum(kept.debts),
                kept.advance, 0,
            )  # fmt: skip
            totals.append(Total("total-of", row, {"currency": kept.currency, "relation": kept.relation}))
    else:
        found = _aged_sums(conn, question, question.group_by, None)
        for (_, currency, relation), of_relation in groupby(found, key=lambda s: (s.book_currency, s.currency, s.relation)):
            group = [_ageing_row(sums, question) for sums in of_relation]
            rows += group
            totals.append(Total("total-of", _ageing_total(group), {"currency": currency, "relation": relation}))
    by_document = [Column("document", "document"), Column("due", "date"), Column("overdue_days", "count")]
    columns = [*group_columns(question.group_by), RELATION, *(by_document if "document" in question.group_by else [])]
    columns += [Column("currency"), *buckets, Column("total", "money"), Column("advance", "money")]
    if question.reserve:
        columns.append(Column("reserve", "money"))
    return Report("ageing", question, columns, [Section(rows, totals)], following=_following(following), totals_apart=totals_apart)


def ageing_totals(conn: Connection[Any], question: Question) -> Report:
    """The totals of ageing over everybody, for the pages that come without them."""
    found = ageing(conn, replace(question, group_by=(), portion=None))
    return replace(found, sections=[replace(section, rows=[]) for section in found.sections])


def _aged_sums(conn: Connection[Any], question: Question, group_by: Sequence[str], among: Sequence[Party] | None) -> list[AgedSum]:
    return queries.aged_sums(
        conn, question.scope, question.contour, question.as_of, bounds=question.buckets,
        debt_sign=-1 if question.side == "payable" else 1, group_by=group_by, among=among,
    )  # fmt: skip


def has_kept_ages(conn: Connection[Any], question: Question) -> bool:
    """Whether the totals of ageing over everybody at this day are kept: nothing was settled after it."""
    return settled_queries.is_latest(conn, question.scope, question.contour, question.as_of)


def _kept_ages(conn: Connection[Any], question: Question) -> Sequence[AgeTotal]:
    is_payable = question.side == "payable"
    return settled_queries.age_totals(
        conn, question.scope, question.contour, question.as_of, bounds=question.buckets, is_payable=is_payable
    )


def _sections_then(conn: Connection[Any], question: Question) -> list[Sums]:
    """The relations and currencies in which something was open on the day."""
    is_payable = question.side == "payable"
    found = settled_queries.turnover_totals(conn, question.scope, question.contour, None, question.as_of)
    return [Sums(*kept[:3]) for kept in found if (kept.relation in WE_OWE_BY_NATURE) == is_payable and (kept.debt or kept.advance)]


def _ageing_row(found: AgedSum, question: Question) -> AgeingRow:
    document = DocumentName(found.key, found.kind, found.label or found.number, found.date)
    return AgeingRow(
        found.unit, found.partner, found.counterparty, found.contract, found.object, found.relation, document, codes_of(found), found.due,
        found.overdue_days, found.currency, tuple(found.debts), sum(found.debts), found.advance,
        _reserve(found.debts, question.reserve),
    )  # fmt: skip


def _ageing_total(rows: Sequence[AgeingRow]) -> AgeingRow:
    return rows[0]._replace(
        unit="", partner="", counterparty="", contract="", object="", document=NO_DOCUMENT, codes=NO_CODES, due=None,
        overdue_days=None, amounts=tuple(map(sum, zip(*(row.amounts for row in rows), strict=True))),
        total=sum(row.total for row in rows), advance=sum(row.advance for row in rows),
        reserve=sum(row.reserve for row in rows),
    )  # fmt: skip


def _reserve(amounts: Sequence[int], percents: Sequence[Decimal]) -> int:
    """The reserve of a row: each bucket at its percentage, half up; buckets without one have none."""
    return sum(round_half_up(amount * percent / 100) for amount, percent in zip(amounts, percents, strict=False))
