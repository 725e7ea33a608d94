"""What a document says (reports/said.py), as a page shows it: a document that it names is a link."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from setoff.language import Language
from setoff.pages.table import Cell, PageTable, Row
from setoff.reports import said
from setoff.reports.said_names import Names
from setoff.settlements.document_queries import DocumentHead
from setoff.trade.documents import AnyDocument


class Said(NamedTuple):
    """A field of the header. `link` is empty or an address."""

    label: str
    text: str
    link: str = ""


def said_fields(document: AnyDocument, head: DocumentHead, language: Language, names: Names) -> list[Said]:
    """What the header says beyond what every document has."""
    return [Said(field.label, field.cell.text, _link(field.cell)) for field in said.said_fields(document, head, language, names)]


def said_tables(document: AnyDocument, head: DocumentHead, language: Language, names: Names) -> list[PageTable]:
    """A table for every list of the document that is not empty, and one of the documents that its rows name."""
    return [
        PageTable(table.heading, list(map(_cell, table.columns)), [], [Row(list(map(_cell, row))) for row in table.rows], [], [])
        for table in said.said_tables(document, head, language, names)
    ]


def _cell(cell: said.SaidCell) -> Cell:
    return Cell(cell.text, cell.kind, _link(cell))


def _link(cell: said.SaidCell) -> str:
    return f"{reverse('pages:document-by-key')}?{urlencode({'key': cell.document})}" if cell.document else ""
