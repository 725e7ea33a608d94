"""The act of reconciliation (6.5): our side, and with a file of theirs both sides, line against line.

With their side a section has our columns, theirs as they write them, the difference (what we see them owe less what they see), and
a mark on lines that only one side has, whose amounts or dates differ, that stand on the wrong side, or that are parts of one.
Their opening balance is what their file says it is, with their lines before the period; a file with neither starts from ours.
Their lines after the last day are no part of the act.
Errors: those of reports/theirs.py; report_option_missing when a file of theirs meets more than one organization, counterparty,
contract or currency.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Note, Question, Report, Section, Total
from setoff.reports.theirs import read_theirs
from setoff.settlements import card_queries
from setoff.settlements.act_queries import OurLine
from setoff.settlements.card_queries import ActLine
from setoff.settlements.reconciliation import Match, SideLine, matched

Part = tuple[str, str, str, str]
"""Organization, counterparty, contract (empty: all of them), currency."""


class ActRow(NamedTuple):
    date: datetime.date | None
    document: DocumentName
    debit: int
    credit: int
    currency: str


ACT_COLUMNS = (Column("date", "date"), Column("document", "document", undated=True), Column("debit", "money"), Column("credit", "money"))


class BothRow(NamedTuple):
    """A line of both sides, or of one. `their_debit` and `their_credit` are as they write them: mirrors of ours."""

    date: datetime.date | None
    document: DocumentName
    debit: int | None
    credit: int | None
    their_date: datetime.date | None
    their_document: str
    their_debit: int | None
    their_credit: int | None
    difference: int
    mark: str
    currency: str


BOTH_COLUMNS = (
    *ACT_COLUMNS,
    Column("their_date", "date"),
    Column("their_document"),
    Column("their_debit", "money"),
    Column("their_credit", "money"),
    Column("difference", "money"),
    Column("mark", "term", vocabulary="act-mark", optional=True),
)


def reconciliation_act(conn: Connection[Any], question: Question) -> Report:
    """A section for every organization, counterparty (or contract) and currency; of one only when the file of theirs is given."""
    by_contract = "contract" in question.group_by
    arguments = (conn, question.scope, question.contour, question.since, question.as_of)
    lines: dict[Part, list[ActLine]] = defaultdict(list)
    for line in card_queries.act_lines(*arguments, by_contract=by_contract, show_internal=question.show_internal):
        lines[line[:4]].append(line)
    balances = {row[:4]: (row.opening, row.closing) for row in card_queries.act_balances(*arguments, by_contract=by_contract)}
    if question.theirs:
        part = _only_part(conn, question, lines.keys() | balances.keys())
        section = act_section(part, question.as_of, lines[part], balances.get(part, (0, 0)))
        return Report("reconciliation-act", question, BOTH_COLUMNS, [_with_file(section, part, question)])
    sections = []
    for part in sorted(lines.keys() | balances.keys()):
        sections.append(act_section(part, question.as_of, lines[part], balances.get(part, (0, 0))))
    return Report("reconciliation-act", question, ACT_COLUMNS, sections)


def act_section(part: Part, last_day: datetime.date, lines: Sequence[ActLine | OurLine], balances: tuple[int, int]) -> Section:
    """Our side: lines between the opening and the closing balance."""
    organization, counterparty, contract, currency = part
    opening, closing = balances
    rows = [
        ActRow(line.date, DocumentName(line.key, line.kind, line.number, line.date), line.debit, line.credit, currency) for line in lines
    ]
    names = {"organization": organization, "counterparty": counterparty, "contract": contract, "currency": currency}
    words: dict[str, Any] = {**names, "day": last_day}
    if closing:
        words |= {"creditor": organization if closing > 0 else counterparty, "amount": Money(abs(closing), currency)}
    return Section(
        rows,
        heading=Note("act-heading-contract" if contract else "act-heading", names),
        opening=[_act_balance("opening", currency, opening)],
        totals=[
            Total("turnover", ActRow(None, NO_DOCUMENT, sum(r.debit for r in rows), sum(r.credit for r in rows), currency)),
            _act_balance("closing", currency, closing),
        ],
        notes=[Note("act-in-favour" if closing else "act-settled", words), Note("act-signatures", names)],
    )


def _act_balance(label: str, currency: str, amount: int) -> Total:
    return Total(label, ActRow(None, NO_DOCUMENT, max(amount, 0), max(-amount, 0), currency))


def _only_part(conn: Connection[Any], question: Question, found: Iterable[Part]) -> Part:
    """What the file of theirs is compared with: the one part with settlements, else the one that could have some."""
    parts = list(found)
    if not parts:
        currencies = question.scope.currencies
        parties = card_queries.act_parties(conn, question.scope)
        parts = [(ours, theirs, "", currency) for ours, theirs, book in parties for currency in currencies or (book,)]
    if len(parts) != 1:
        given = {name for name, values in question.names if len(values) == 1}
        narrowing = [f"--{name}" for name in ("organization", "counterparty", "contract", "currency") if name not in given]
        raise DomainError(ErrorCode.REPORT_OPTION_MISSING, report="reconciliation-act", options=", ".join(narrowing))
    return parts[0]


def _with_file(section: Section, part: Part, question: Question) -> Section:
    """Our section with the lines of their file beside ours."""
    assert question.theirs is not None
    lines, stated = read_theirs(question.theirs, part[3])
    read = [line for line in lines if line.date <= question.as_of]
    before = [line for line in read if question.since and line.date < question.since]
    theirs = [line for line in read if not question.since or line.date >= question.since]
    opening = (stated or 0) + sum(map(_net, before)) if before or stated is not None else -_net(section.opening[0].row)
    return with_theirs(section, part, question.as_of, theirs, opening)


def with_theirs(section: Section, part: Part, last_day: datetime.date, theirs: Sequence[SideLine], opening: int) -> Section:
    """Our section with theirs beside it; `opening` as they write it."""
    our_opening, our_closing = _net(section.opening[0].row), _net(section.totals[-1].row)
    closing = opening + sum(map(_net, theirs))
    rows = _both_rows(section.rows, theirs, part[3])
    turnover = section.totals[0].row
    turned = _beside(turnover)._replace(
        their_debit=sum(line.debit for line in theirs),
        their_credit=sum(line.credit for line in theirs),
        difference=sum(row.difference for row in rows),
    )
    return Section(
        rows,
        heading=section.heading,
        opening=[_both_balance(section.opening[0], opening, our_opening + opening)],
        totals=[Total("turnover", turned), _both_balance(section.totals[-1], closing, our_closing + closing)],
        notes=[section.notes[0], *_their_notes(part, last_day, closing, our_closing + closing), section.notes[-1]],
    )


def _both_rows(ours: Sequence[ActRow], theirs: Sequence[SideLine], currency: str) -> list[BothRow]:
    """By our date, else theirs; on one day ours first. Lines that are parts of one stand together."""
    our_lines = [SideLine(row.document.date or datetime.date.min, row.document.number, row.debit, row.credit) for row in ours]
    groups = [_group_rows(match, ours, theirs, currency) for match in matched(our_lines, theirs)]
    return [row for rows in sorted(groups, key=lambda rows: rows[0].date or rows[0].their_date or datetime.date.min) for row in rows]


def _group_rows(match: Match, ours: Sequence[ActRow], theirs: Sequence[SideLine], currency: str) -> list[BothRow]:
    """A row for every line of the side that has more of them; the difference and its mark stand in the first."""
    our_side, their_side = [ours[place] for place in match.ours], [theirs[place] for place in match.theirs]
    rows = []
    for our, their in zip_longest(our_side, their_side):
        row = _beside(our) if our else BothRow(None, NO_DOCUMENT, None, None, None, "", None, None, 0, "", currency)
        if their:
            row = row._replace(their_date=their.date, their_document=their.number, their_debit=their.debit, their_credit=their.credit)
        rows.append(row._replace(mark="parts"))
    difference = sum(map(_net, our_side)) + sum(map(_net, their_side))
    rows[0] = rows[0]._replace(difference=difference, mark=_mark(match, rows[0], difference))
    return rows


def _mark(match: Match, row: BothRow, difference: int) -> str:
    """The word for what differs, the gravest first."""
    if not match.theirs:
        return "ours-only"
    if not match.ours:
        return "theirs-only"
    if match.how in ("parts", "swapped"):
        return match.how
    if difference:
        return "differs"
    return "date-differs" if row.date != row.their_date else ""


def _beside(ours: ActRow) -> BothRow:
    """Our line, nothing of theirs yet."""
    return BothRow(*ours[:4], None, "", None, None, 0, "", ours.currency)


def _net(line: ActRow | SideLine) -> int:
    """What a line adds to the debt to the side that wrote it."""
    return line.debit - line.credit


def _both_balance(ours: Total, theirs: int, difference: int) -> Total:
    row = _beside(ours.row)._replace(their_debit=max(theirs, 0), their_credit=max(-theirs, 0), difference=difference)
    return Total(ours.label, row)


def _their_notes(part: Part, last_day: datetime.date, closing: int, difference: int) -> list[Note]:
    organization, counterparty, _, currency = part
    words: dict[str, Any] = {"counterparty": counterparty, "day": last_day}
    if closing:
        words |= {"creditor": counterparty if closing > 0 else organization, "amount": Money(abs(closing), currency)}
    differs = Note("act-difference", {"amount": Money(abs(difference), currency)})
    return [Note("act-theirs-in-favour" if closing else "act-theirs-settled", words), differs if difference else Note("act-agreed")]
