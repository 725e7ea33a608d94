"""What the codes and keys in a document stand for, so that people read names: counterparties, contracts, other documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import Connection

from setoff.language import Language
from setoff.reports.cells import document_text
from setoff.reports.report import DocumentName
from setoff.trade.documents import AnyDocument

COUNTERPARTIES: Final = frozenset({"counterparty", "payer"})
CONTRACTS: Final = frozenset({"contract"})
DOCUMENTS: Final = frozenset({"document", "base", "advance", "reverses"})
SQL: Final[Mapping[frozenset[str], str]] = {
    COUNTERPARTIES: "select code, name from counterparty where code = any(%s)",
    CONTRACTS: "select code, number from contract where code = any(%s)",
    DOCUMENTS: "select key, kind, number, date from document where key = any(%s)",
}


class Names(NamedTuple):
    """By code or key. What is not there (a draft may name what does not exist) is shown as it was written."""

    parties: Mapping[str, str]
    contracts: Mapping[str, str]
    documents: Mapping[str, DocumentName]

    def of(self, field: str, value: str, language: Language) -> str:
        """The name behind a field's value; the value itself where the field names nothing or it is not known."""
        if field in DOCUMENTS:
            return document_text(self.documents[value], language) if value in self.documents else value
        if field in COUNTERPARTIES:
            return self.parties.get(value, value)
        return self.contracts.get(value, value) if field in CONTRACTS else value


NAMELESS: Final = Names({}, {}, {})


def names_in(conn: Connection[Any], document: AnyDocument) -> Names:
    """The names of everything that the document mentions and this connection may see."""
    mentioned = list(_mentioned(msgspec.to_builtins(document)))
    found = []
    for fields, sql in SQL.items():
        wanted = sorted({value for name, value in mentioned if name in fields})
        found.append(conn.execute(sql, [wanted]).fetchall() if wanted else [])
    parties, contracts, documents = found
    return Names(dict(parties), dict(contracts), {row[0]: DocumentName(*row) for row in documents})


def _mentioned(part: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a document with the name of its field."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _mentioned(value, name)
    elif isinstance(part, list):
        for value in part:
            yield from _mentioned(value, field)
    elif isinstance(part, str) and part:
        yield field, part
