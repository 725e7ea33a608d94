"""What a document names, so that a directory can be filled for many documents in a few queries.

`references` needs the document alone. The documents named name others in turn: a correction takes its party from its base, and
its lots are where the lots of its base are (`further_documents`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from setoff.trade.directory import DocumentRef
from setoff.trade.documents import (
    AdvanceOffset,
    AdvanceVat,
    AnyDocument,
    BranchNotice,
    Correction,
    DebtAdjustment,
    DoubtfulReserve,
    LoanInterest,
    ManualEntry,
    OpeningBalance,
    Payment,
    Return,
    Revaluation,
    Sale,
)
from setoff.trade.invoice_documents import Invoice, ReceivedInvoice
from setoff.trade.papers import base_of


class References(NamedTuple):
    """Codes and keys, without "". `currencies` are those named outright; the currencies of the contracts named and the book
    currency of the unit complete them: rules look up (settlement, book), (payment, book) and (settlement, payment)."""

    units: frozenset[str] = frozenset()
    counterparties: frozenset[str] = frozenset()
    contracts: frozenset[str] = frozenset()
    agreements: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()
    invoiced: frozenset[str] = frozenset()
    """Documents whose invoices have to be known."""
    advances: frozenset[str] = frozenset()
    """Those of them that are advances paid, whose invoices a decision on their VAT may have entered too."""
    limited: frozenset[str] = frozenset()
    """Documents of which must be known when their debts were acknowledged."""


def references(document: AnyDocument) -> References:
    """What the document itself names."""
    units = frozenset((document.unit,)) - {""}
    if isinstance(document, OpeningBalance):
        return References(units, *_codes([(row.counterparty, row.contract, row.agreement, "", row.currency) for row in document.rows]))
    if isinstance(document, ManualEntry):
        sides = [side for row in document.rows for side in (row.debit, row.credit)]
        return References(units, *_codes([(side.counterparty, side.contract, "", "", side.currency) for side in sides]))
    if isinstance(document, DebtAdjustment):
        limited = frozenset(row.document for row in document.rows) - {""} if document.reason == "limitation" else frozenset()
        return References(units, *_codes(_of_adjustment(document)))._replace(limited=limited)
    if isinstance(document, AdvanceOffset):
        named = [(document.counterparty, document.contract, document.agreement, document.advance, document.currency)]
        further = [("", "", "", key, "") for key in (document.document, document.reverses)]
        return References(units, *_codes([*named, *further]))
    if isinstance(document, AdvanceVat):
        named_one = frozenset((document.document,)) - {""}
        return References(units, documents=named_one, invoiced=named_one if document.decision == "invoice" else frozenset())
    if isinstance(document, Invoice):
        bases = frozenset(base.document for base in document.bases) - {""}
        advances = bases if isinstance(document, ReceivedInvoice) and document.invoice_kind == "advance" else frozenset()
        papers = bases | (frozenset((document.original,)) - {""})
        return References(units, documents=papers, invoiced=bases, advances=advances)
    if isinstance(document, BranchNotice):
        return References(units, *_codes([(row.counterparty, row.contract, "", "", "") for row in document.rows]))
    if isinstance(document, Revaluation):
        return References(units)
    if isinstance(document, LoanInterest):
        return References(units, *_codes([(document.counterparty, document.contract, "", "", "")]))
    if isinstance(document, DoubtfulReserve):
        return References(units, *_codes([(row.counterparty, row.contract, "", "", "") for row in document.rows]))
    if isinstance(document, Payment):
        named = [
            (document.counterparty, document.contract, document.agreement, "", document.currency),
            (document.payer, "", "", document.written_off, ""),
        ]
        named += [("", row.contract, "", "", row.currency) for row in document.rows]
        named += [("", "", "", target.document, "") for target in document.targets]
        named += [("", "", "", target.document, "") for row in document.rows for target in row.targets]
        return References(units, *_codes(named))
    base = document.base if isinstance(document, Correction | Return) else ""
    named = [(document.counterparty, document.contract, document.agreement, base, document.currency)]
    if isinstance(document, Sale) and document.disbursements:
        named += [(part.counterparty, part.contract, "", "", "") for part in document.disbursements]
    return References(units, *_codes(named))


def named_documents(document: AnyDocument) -> Iterable[str]:
    """Keys of the documents it names, some perhaps twice: `references(document).documents` without the rest, for a million."""
    if isinstance(document, Payment):
        if document.written_off:
            return (document.written_off,)
        if not document.targets and not document.rows:
            return ()
        named = [document.targets, *(row.targets for row in document.rows)]
        return [target.document for targets in named for target in targets]
    if isinstance(document, DebtAdjustment | AdvanceOffset | AdvanceVat | Invoice):
        return references(document).documents
    return (document.base,) if isinstance(document, Correction | Return) and document.base else ()


def _of_adjustment(document: DebtAdjustment) -> list[tuple[str, str, str, str, str]]:
    said = document.receiver
    named = [(row.counterparty, row.contract, row.agreement, row.document, row.currency) for row in document.rows]
    named.append((said.counterparty, said.contract, said.agreement, document.reverses, said.currency))
    named += [("", "", "", linked.document, "") for linked in document.linked]
    named += [(signatory.counterparty, "", "", "", "") for signatory in document.signatories]
    named.append(("", "", "", "", document.currency))
    return named


def further_documents(documents: Iterable[DocumentRef]) -> frozenset[str]:
    """The keys of the bases of corrections among these documents: where the lots of a correction are, its base says."""
    return frozenset(base_of(ref.content) for ref in documents if ref.kind.endswith(("_correction", "_return"))) - {""}


def _codes(named: list[tuple[str, str, str, str, str]]) -> list[frozenset[str]]:
    """Rows of (counterparty, contract, agreement, document, currency) as columns."""
    return [frozenset(column) - {""} for column in zip(*named, strict=True)] if named else [frozenset()] * 5
