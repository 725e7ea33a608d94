"""What the effect of an edit needs of a document's words: also what it decided of before."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.settlements.advance_vat.cases import vat_words
from setoff.settlements.edits import Said
from setoff.settlements.stored import Stored
from setoff.trade.documents import AdvanceVat, AnyDocument, DebtAdjustment
from setoff.trade.invoice_documents import ReceivedInvoice
from setoff.trade.queries import decode_document

NAMED_SQL: Final = """
  select document.id, array_agg(distinct fact.reg_key_id) filter (where fact.reg_key_id is not null)
  from document left join fact on fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id
  where document.key = any(%s) group by document.id"""


def said_of(conn: psycopg.Connection[Any], document: AnyDocument, stored: Stored | None, *, posted: bool) -> Said:
    """`stored`: the document as it stood; `posted`: whether it is to be in the books. What is taken back does not wait for a decision any
    more, so a reversal decides of what it reverses."""
    rows: list[Any] = []
    if isinstance(document, AdvanceVat | ReceivedInvoice) or (isinstance(document, DebtAdjustment) and document.reverses):
        before = decode_document(stored.content) if stored else document
        if named := {key for version in (before, document) if (key := _decided(version))}:
            rows = conn.execute(NAMED_SQL, [sorted(named)]).fetchall()
    keys = tuple(key_id for row in rows for key_id in row[1] or ())
    return Said(document.key, document if posted else None, tuple(row[0] for row in rows), keys)


def _decided(document: AnyDocument) -> str:
    """Key of what it decides of, "" where it decides of none."""
    if isinstance(document, DebtAdjustment):
        return document.reverses
    words = vat_words(document)
    return words.document if words else ""
