"""C-4.2.5a: what the list of documents says of a document is what the document says (spec 3, C-4.2.5).

Every version that stands is read again as an import reads it, so that one without a required field, or with a field nobody knows, is told;
then kind, number, moment, party, contract, currency and sum are reckoned from it and compared with the row of the document. The contract of
a document is one of its organization and party, of a relation that fits its kind. Party and sums of an invoice, and of a decision on VAT,
are those of other documents when it was posted: C-INV-1 has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.core.errors import DomainError
from setoff.core.moment import Moment
from setoff.settlements.checks import Check, Row
from setoff.trade.directory import Directory
from setoff.trade.documents import AdvanceOffset, AdvanceVat, AnyDocument, Correction, DebtAdjustment, Return
from setoff.trade.header import header
from setoff.trade.invoice_documents import Invoice, IssuedInvoice, ReceivedInvoice
from setoff.trade.queries import add_documents, decode_document, load_whole_directory
from setoff.trade.references import named_documents
from setoff.trade.registry import further_documents
from setoff.trade.terms import ANY_RELATION, RELATIONS

PORTION: Final = 5_000
STORED_SQL: Final = """
  select unit.code, document.key, document.kind, document.number, document.date, document.moment, document.id, document.counterparty_id,
         document.contract_id, document.currency, document.total, version.content
  from document join version on version.unit_id = document.unit_id and version.id = document.version_id
  join unit on unit.id = document.unit_id
  where %(unit_id)s::bigint is null or document.unit_id = %(unit_id)s"""
UNFIT_SQL: Final = """
  select unit.code, 'contract ' || contract.code,
         case when contract.organization_id <> unit.organization_id then organization.code
              when contract.counterparty_id <> document.counterparty_id then counterparty.code else fitting.relations end,
         case when contract.organization_id <> unit.organization_id then of_contract.code
              when contract.counterparty_id <> document.counterparty_id then of_party.code else contract.relation end,
         null::bigint, null::text, document.key, document.kind, document.number, document.date, document.moment
  from document join contract on contract.id = document.contract_id
  join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  join organization of_contract on of_contract.id = contract.organization_id
  join counterparty of_party on of_party.id = contract.counterparty_id
  left join counterparty on counterparty.id = document.counterparty_id
  left join unnest(%(kinds)s::text[], %(relations)s::text[]) fitting(kind, relations) on fitting.kind = document.kind
  where document.status = 'posted'
    and (contract.organization_id <> unit.organization_id or contract.counterparty_id <> document.counterparty_id
         or contract.relation <> all (string_to_array(fitting.relations, ' ')))
    and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
  order by document.moment"""


class Stored(NamedTuple):
    """A document as the table has it, with what it says."""

    unit: str
    key: str
    kind: str
    number: str
    date: Any
    moment: int
    id: int
    counterparty_id: int | None
    contract_id: int | None
    currency: str
    total: int
    content: str


def header_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Documents whose row differs from what they say, and contracts that do not fit."""
    directory = load_whole_directory(conn)
    rows: list[Row] = []
    with conn.transaction(), conn.cursor("documents_that_stand") as cursor:
        cursor.itersize = PORTION
        found = (Stored._make(row) for row in cursor.execute(STORED_SQL, {"unit_id": unit_id}))
        while portion := list(islice(found, PORTION)):
            rows += _differing(conn, portion, directory)
    fitting = {kind: relations for kind, relations in RELATIONS.items() if relations != ANY_RELATION}
    names = {"unit_id": unit_id, "kinds": list(fitting), "relations": [" ".join(relations) for relations in fitting.values()]}
    unfit = [Row._make(row) for row in conn.execute(UNFIT_SQL, names)]
    return sorted([*rows, *unfit], key=lambda row: (row.moment or 0, row.key))


def _differing(conn: psycopg.Connection[Any], portion: Sequence[Stored], directory: Directory) -> Iterator[Row]:
    read: list[tuple[Stored, AnyDocument]] = []
    for stored in portion:
        try:
            read.append((stored, decode_document(stored.content)))
        except msgspec.DecodeError as problem:
            yield _row(stored, "content", "", str(problem))
    directory.documents.clear()
    _look_up(conn, directory, (document for _, document in read if _depends(document)))
    for stored, document in read:
        try:
            said = header(document, directory)
        except DomainError as refusal:
            yield _row(stored, str(refusal.facts.get("field", "content")), "", refusal.code.value)
            continue
        moment = Moment(said.date, said.day_order, stored.id).pack()
        if isinstance(document, AdvanceVat | IssuedInvoice | ReceivedInvoice):
            said = said._replace(
                counterparty_id=stored.counterparty_id, contract_id=stored.contract_id, currency=stored.currency, total_minor=stored.total
            )
        total = said.total_minor
        compared: list[tuple[str, Any, Any]] = [
            ("unit", document.unit, stored.unit), ("kind", said.kind, stored.kind), ("moment", moment, stored.moment),
            ("number", document.number or stored.number, stored.number), ("key", document.key or stored.key, stored.key),
            ("counterparty", said.counterparty_id, stored.counterparty_id), ("contract", said.contract_id, stored.contract_id),
            ("currency", said.currency, stored.currency),
        ]  # fmt: skip
        for name, expected, actual in compared:
            if expected != actual:
                yield _row(stored, name, expected, actual)
        if total != stored.total:
            yield _row(stored, "total", total, stored.total)._replace(difference=stored.total - total, currency=stored.currency)


def _depends(document: AnyDocument) -> bool:
    """Whether its party and sums are those of documents that it names: payments and supplies name many, and have their own."""
    if isinstance(document, AdvanceOffset | DebtAdjustment):
        return bool(document.reverses)
    return isinstance(document, AdvanceVat | Correction | Invoice | Return)


def _look_up(conn: psycopg.Connection[Any], directory: Directory, documents: Iterable[AnyDocument]) -> None:
    """What the documents name, and what that names."""
    wanted = {key for document in documents for key in named_documents(document)} - directory.documents.keys()
    if wanted:
        add_documents(conn, directory, wanted)
        add_documents(conn, directory, further_documents(directory.documents.values()) - directory.documents.keys())


def _row(stored: Stored, key: str, expected: Any, actual: Any) -> Row:
    said, found = ("" if value is None else str(value) for value in (expected, actual))
    return Row(stored.unit, key, said, found, None, None, stored.key, stored.kind, stored.number, stored.date, stored.moment)


HEADER_CHECKS: Final = (
    Check(
        "C-4.2.5a", "error", "3, C-4.2.5; 2.0", "row",
        "Read again, a document is complete, and its row in the list says what it says; its contract fits it.", "", header_rows,
    ),
)  # fmt: skip
