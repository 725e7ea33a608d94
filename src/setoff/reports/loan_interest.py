"""How the interest of loans was computed: days, base, rate, length of the year, interest; by loan and document (spec 2.10).

The rows are those that the documents keep; their interest is printed so that it sums to the document, by largest remainder. Where the other
side said another amount, what that differs by is a row of its own. On the paper of one document the parties stand above it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.books.scope import Scope
from setoff.core.interest import Stretch, shares
from setoff.core.moment import end_of, start_of
from setoff.core.money import Money, parse_amount
from setoff.language import Language, fact_text, language_of, text
from setoff.reports.cells import document_text
from setoff.reports.in_words import amount_in_words
from setoff.reports.pdf import Sheaf, plain_section, render_sheaf, section_of
from setoff.reports.report import NO_DOCUMENT, Column, DocumentName, Note, Question, Report, Section, Total
from setoff.settlements.document_queries import DocumentHead
from setoff.trade.documents import LoanInterest
from setoff.trade.loan_interest import stretches_of
from setoff.trade.queries import decode_document

COLUMNS: Final = (
    Column("document", "document"),
    Column("first", "date", heading="interest-from"),
    Column("last", "date", heading="interest-to"),
    Column("days", "count", heading="interest-days"),
    Column("principal", "money"),
    Column("percent", "decimal", heading="percent-a-year"),
    Column("year_days", "count", heading="year-days"),
    Column("interest", "money", shows_zero=True),
    Column("currency"),
    Column("unit", named_by="unit"),
)
DOCUMENTS_SQL: Final = """
  select document.key, document.number, document.date, version.content, unit.code, counterparty.name, contract.number, contract.relation,
         contract.currency
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  join unit on unit.id = document.unit_id join counterparty on counterparty.id = document.counterparty_id
  join contract on contract.id = document.contract_id
  where document.kind = 'loan_interest' and document.unit_id = any(%(scope_units)s)
    and document.moment >= %(first)s and document.moment < %(before)s
    and (%(parties)s::bigint[] = '{}' or document.counterparty_id = any(%(parties)s))
    and (%(contracts)s::bigint[] = '{}' or document.contract_id = any(%(contracts)s))
    and (%(currencies)s::text[] = '{}' or contract.currency = any(%(currencies)s))
  order by unit.code, contract.number, contract.id, document.moment"""
PARTIES_SQL: Final = """
  select organization.name, party.name, party.language, contract.number, contract.date, contract.relation, contract.currency
  from document join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  join counterparty party on party.id = document.counterparty_id join contract on contract.id = document.contract_id
  where document.id = %s"""


class InterestLine(NamedTuple):
    """Days with one principal and one rate; the last three are absent in what the other side said."""

    document: DocumentName
    first: datetime.date | None
    last: datetime.date | None
    days: int | None
    interest: int
    currency: str
    unit: str
    principal: int | None = None
    percent: Decimal | None = None
    year_days: int | None = None


class Stated(NamedTuple):
    """A posted document of interest, and whose loan it is of."""

    document: DocumentName
    said: LoanInterest
    unit: str
    counterparty: str
    contract: str
    relation: str
    currency: str

    @property
    def loan(self) -> tuple[str, str, str, str]:
        return self.unit, self.contract, self.counterparty, self.relation


def loan_interest(conn: Connection[Any], question: Question) -> Report:
    """A section for each loan, by unit and contract, its documents in their order."""
    sections = []
    for _loan, of_loan in groupby(_stated(conn, question), key=lambda item: item.loan):
        found = list(of_loan)
        lines = [line for item in found for line in lines_of(item)]
        heading = Note("loan-interest", {"contract": found[0].contract, "counterparty": found[0].counterparty, "unit": found[0].unit})
        sections.append(Section(lines, [_total(lines, found[0].currency)], heading=heading))
    return Report("loan-interest", question, COLUMNS, sections, of_contour=False)


def _stated(conn: Connection[Any], question: Question) -> Iterator[Stated]:
    scope = question.scope
    asked = {
        **scope.parameters(), "first": start_of(question.since) if question.since else -(1 << 62), "before": end_of(question.as_of),
        "parties": list(scope.counterparties), "contracts": list(scope.contracts), "currencies": list(scope.currencies),
    }  # fmt: skip
    for key, number, day, content, *whose in conn.execute(DOCUMENTS_SQL, asked):
        said = decode_document(content)
        assert isinstance(said, LoanInterest)
        yield Stated(DocumentName(key, "loan_interest", number, day), said, *whose)


def lines_of(item: Stated) -> list[InterestLine]:
    """The rows of a document, and what it says beyond them."""
    said, found = item.said, stretches_of(item.said, item.currency)
    lines = [_line(item, stretch, part) for stretch, part in zip(found, shares(found), strict=True)]
    rest = parse_amount(said.amount, item.currency) - sum(line.interest for line in lines)
    if rest:
        first, last = date.fromisoformat(said.first), date.fromisoformat(said.last)
        lines.append(InterestLine(item.document, first, last, (last - first).days + 1, rest, item.currency, item.unit))
    return lines


def _line(item: Stated, stretch: Stretch, interest: int) -> InterestLine:
    return InterestLine(
        item.document, stretch.first, stretch.last, stretch.days, interest, item.currency, item.unit, stretch.principal, stretch.percent,
        stretch.year_days,
    )  # fmt: skip


def _total(lines: Iterable[InterestLine], currency: str) -> Total:
    row = InterestLine(NO_DOCUMENT, None, None, None, sum(line.interest for line in lines), currency, "")
    return Total("total-in", row, {"currency": currency})


def is_calculation(head: DocumentHead) -> bool:
    """Whether the document is printed as a calculation of interest."""
    return head.kind == "loan_interest"


def render_calculation(
    conn: Connection[Any], head: DocumentHead, *, printed: date, language: Language | None = None
) -> tuple[bytes, Language]:
    """The PDF of one document and the language it is in: that of the other side unless another is asked for."""
    row = conn.execute(PARTIES_SQL, [head.id]).fetchone() or ("",) * 7
    ours, theirs, spoken, number, day, relation, currency = row
    chosen = language or language_of(spoken)
    said = decode_document(head.content)
    assert isinstance(said, LoanInterest)
    name = DocumentName(head.key, head.kind, head.number, head.date)
    lines = lines_of(Stated(name, said, head.unit, theirs, number, relation, currency))
    amount = parse_amount(said.amount, currency)
    lender, borrower = (ours, theirs) if relation == "loan_granted" else (theirs, ours)
    contract = text(chosen, "interest-contract", number=number, day=fact_text(chosen, "date", day)) if day else number
    told = [
        text(chosen, "print-pair", name=text(chosen, key), value=value)
        for key, value in (
            ("interest-lender", lender), ("interest-borrower", borrower), ("option-contract", contract),
            ("interest-days-of", text(chosen, "interest-span", first=date.fromisoformat(said.first), last=date.fromisoformat(said.last))),
            ("column-amount", f"{fact_text(chosen, 'amount', Money(amount, currency))} ({amount_in_words(amount, currency, chosen)})"),
        )
    ]  # fmt: skip
    question = Question(as_of=head.date, scope=Scope((head.unit_id,)), language=chosen)
    section = Section(lines, [_total(lines, currency)])
    report = Report("loan-interest", question, [column for column in COLUMNS if column.key not in ("document", "unit")], [section])
    notes = [text(chosen, "interest-formula"), text(chosen, "print-signatures")]
    sections = [section_of(section, report, chosen), *(plain_section("", (), (), [note]) for note in notes)]
    title = document_text(name, chosen)
    return render_sheaf(Sheaf(title, head.organization, told, sections), chosen, printed=printed), chosen
