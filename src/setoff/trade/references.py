"""What a document names, so that a directory can be filled for many documents in a few queries.

Two steps: `references` needs the document alone. Corrections take their party from their base, and the lots of a correction are
where its base's are, so when the directory knows the documents named, `further_references` tells what these name in turn.
"""

from __future__ import annotations

from typing import NamedTuple

from setoff.trade.directory import Directory, DocumentRef
from setoff.trade.documents import AnyDocument, Correction, ManualEntry, OpeningBalance, Payment, Return
from setoff.trade.papers import base_of, parties_of


class References(NamedTuple):
    """Codes and keys, without "". `currencies` are those named outright; the currencies of the contracts named and the book
    currency of the unit complete them: rules look up (settlement, book), (payment, book) and (settlement, payment)."""

    units: frozenset[str] = frozenset()
    counterparties: frozenset[str] = frozenset()
    contracts: frozenset[str] = frozenset()
    agreements: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()


def references(document: AnyDocument) -> References:
    """What the document itself names."""
    units = frozenset((document.unit,)) - {""}
    if isinstance(document, OpeningBalance):
        return References(units, *_codes([(row.counterparty, row.contract, row.agreement, "", row.currency) for row in document.rows]))
    if isinstance(document, ManualEntry):
        sides = [side for row in document.rows for side in (row.debit, row.credit)]
        return References(units, *_codes([(side.counterparty, side.contract, "", "", side.currency) for side in sides]))
    if isinstance(document, Payment):
        named = [(document.counterparty, document.contract, document.agreement, "", document.currency), (document.payer, "", "", "", "")]
        named += [("", row.contract, "", "", row.currency) for row in document.rows]
        named += [("", "", "", target.document, "") for target in document.targets]
        named += [("", "", "", target.document, "") for row in document.rows for target in row.targets]
        return References(units, *_codes(named))
    base = document.base if isinstance(document, Correction | Return) else ""
    return References(units, *_codes([(document.counterparty, document.contract, document.agreement, base, document.currency)]))


def further_references(document: AnyDocument, directory: Directory) -> References:
    """What the documents named by the document name in turn; documents that the directory does not know are passed over."""
    if isinstance(document, Correction | Return):
        base = directory.documents.get(document.base)
        return References(frozenset(), *_codes([parties_of(base)])) if base else References()
    if not isinstance(document, Payment):
        return References()
    keys = {target.document for source in (document, *document.rows) for target in source.targets}
    bases = [_base(directory.documents[key]) for key in keys if key in directory.documents]
    return References(documents=frozenset(bases) - {""})


def _base(ref: DocumentRef) -> str:
    return base_of(ref.content) if ref.kind.endswith(("_correction", "_return")) else ""


def _codes(named: list[tuple[str, str, str, str, str]]) -> list[frozenset[str]]:
    """Rows of (counterparty, contract, agreement, document, currency) as columns."""
    return [frozenset(column) - {""} for column in zip(*named, strict=True)] if named else [frozenset()] * 5
