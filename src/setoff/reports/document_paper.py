"""A document on paper: what it says, its postings, and why its amounts went where they did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from psycopg import Connection

from setoff.core.money import Money
from setoff.language import Language, fact_text, money_text, text
from setoff.reports.cells import document_text, object_text
from setoff.reports.explain import by_contour, fact_lines
from setoff.reports.pdf import Sheaf, plain_section, render_sheaf
from setoff.reports.report import Column, DocumentName
from setoff.reports.said import NOTHING, OUR_OWN, SaidTable, said_fields, said_tables
from setoff.reports.said_names import names_in
from setoff.settlements.document_queries import DocumentHead, PostingLine, document_head, posting_lines
from setoff.settlements.explanation import fact_stories, subjects
from setoff.settlements.orders.kept import as_it_stands
from setoff.trade.queries import decode_document

INDENT = "\N{NO-BREAK SPACE}"


def render_document(
    conn: Connection[Any], document_id: int, language: Language, *, printed: date, for_partner: bool = False
) -> bytes:
    """The PDF of the document as it stands; for the partner without what is ours alone: costs, accounts, comments, postings, and why.
    Errors: unknown_reference."""
    head = document_head(conn, document_id)
    said = as_it_stands(conn, decode_document(head.content))
    names = names_in(conn, said)
    without = OUR_OWN if for_partner else NOTHING
    told = said_fields(said, head, language, names, without=without)
    fields = [text(language, "print-pair", name=field.label, value=field.cell.text) for field in told]
    sections = [_said_section(table) for table in said_tables(said, head, language, names, without=without)]
    postings = [] if for_partner else posting_lines(conn, head, language)
    if postings:
        sections.append(_postings(postings, head, language))
    story = [] if for_partner else list(_story(conn, head, language))
    if story:
        sections.append(plain_section(text(language, "document-story"), (), (), story))
    sections.append(plain_section("", (), (), [text(language, "print-signatures")]))
    title = document_text(DocumentName(head.key, head.kind, head.number, head.date), language)
    return render_sheaf(Sheaf(title, head.organization, [*_head_lines(head, language), *fields], sections), language, printed=printed)


def _head_lines(head: DocumentHead, language: Language) -> Iterator[str]:
    """What every document has."""
    told = (
        ("option-unit", head.unit_name),
        ("option-counterparty", head.counterparty_name),
        ("option-contract", head.contract_number),
        ("column-amount", fact_text(language, "amount", Money(head.total, head.currency))),
        ("option-status", fact_text(language, "state", head.status)),
    )
    for key, value in told:
        if value:
            yield text(language, "print-pair", name=text(language, key), value=value)


def _said_section(table: SaidTable) -> dict[str, Any]:
    columns = [Column("", "decimal" if column.kind == "figure" else "text", heading=column.text) for column in table.columns]
    return plain_section(table.heading, columns, [[cell.text for cell in row] for row in table.rows])


def _postings(postings: list[PostingLine], head: DocumentHead, language: Language) -> dict[str, Any]:
    names = ("debit-account", "debit-analytics", "credit-account", "credit-analytics", "amount")
    columns = [Column("", "money" if name == "amount" else "text", heading=text(language, f"column-{name}")) for name in names]
    columns[-1] = columns[-1]._replace(heading=f"{columns[-1].heading}, {head.book_currency}")
    rows = [
        [
            posting.debit, _analytics(posting.debit_party, posting.debit_contract, posting.debit_object, language), posting.credit,
            _analytics(posting.credit_party, posting.credit_contract, posting.credit_object, language),
            money_text(language, posting.amount, head.book_currency),
        ]
        for posting in postings
    ]  # fmt: skip
    return plain_section(text(language, "explain-postings"), columns, rows)


def _analytics(party: str, contract: str, settled: str, language: Language) -> str:
    return ", ".join(filter(None, (party, contract, object_text(settled, language))))


def _story(conn: Connection[Any], head: DocumentHead, language: Language) -> Iterator[str]:
    """The lines of `setoff explain` on its facts, by contour."""
    (subject,) = (found for found in subjects(conn, head.key) if found.id == head.id)
    for contours, facts in by_contour(fact_stories(conn, subject)):
        names = ", ".join(text(language, f"contour-{contour}") for contour in contours)
        yield text(language, "explain-contour", contour=names)
        for fact in facts:
            for line in fact_lines(fact, subject, language):
                indent = len(line) - len(line.lstrip())
                yield INDENT * 2 * (indent + 2) + line.lstrip()
