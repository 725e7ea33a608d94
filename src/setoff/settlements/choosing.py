"""The contract of a document that leaves it out: chosen where exactly one fits (spec 1.2).

What fits: a contract of the unit's organization and of the document's counterparty, whose relation suits the kind, active and in force on
the day, in the document's currency (a payment: paid in it), made from no other agreement than the document's. A document whose agreement
settles without contracts gets none; neither do kinds that adjust any relation, and corrections of a base.

For one document that somebody looks at before it is posted, the contract brings its default bank account (payments), its VAT rate and
whether prices include it (where no line says a rate). `Chooser` fills in contracts alone, for the documents of a file: a document that
stands in the books already keeps the contract that it was given then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import psycopg

from setoff.core.chart import GENERAL_RATE
from setoff.core.errors import DomainError
from setoff.settlements.portion import default_key
from setoff.settlements.standing import standings
from setoff.trade.directory import ContractTerms, Directory
from setoff.trade.documents import AnyDocument, Correction, OpeningBalance, OpeningRow, Payment, Return, Supply
from setoff.trade.fields import day_of, found
from setoff.trade.kinds import kind_of
from setoff.trade.payment_fields import WITHOUT_NODE
from setoff.trade.queries import decode_document, load_directory, load_whole_directory
from setoff.trade.references import references
from setoff.trade.terms import RELATIONS, fitting_contracts

Ref = TypeVar("Ref")
PORTION: Final = 5_000
CODES_SQL: Final = """
  select contract.code from contract join counterparty on counterparty.id = contract.counterparty_id
  where counterparty.code = any(%s) and contract.status = 'active' and contract.relation = any(%s)"""


class Choice(NamedTuple):
    """The document with the contract filled in where one fits; `fitting`: all that fit its header (empty where none was looked for)."""

    document: AnyDocument
    fitting: Sequence[ContractTerms] = ()


class _Wanted(NamedTuple):
    """What a document, or its row, says of the contract it leaves out."""

    counterparty: str
    agreement: str
    currency: str
    is_payment: bool = False


def choose_contract(conn: psycopg.Connection[Any], document: AnyDocument) -> Choice:
    """One document. Nothing is kept. Errors: unknown_reference, invalid_date (what it does name is checked)."""
    wanted = [_wanted(document), *(_wanted_by(row) for row in _rows(document))]
    parties = sorted({want.counterparty for want in wanted if want})
    if not parties:
        return Choice(_with_terms(document, load_directory(conn, references(document))))
    codes = [row[0] for row in conn.execute(CODES_SQL, [parties, [name for name in RELATIONS[kind_of(document)] if name]])]
    named = references(document)
    directory = load_directory(conn, named._replace(contracts=named.contracts | set(codes)))
    made = chosen(document, directory, list(directory.contracts.values()))
    return made._replace(document=_with_terms(made.document, directory))


def chosen(document: AnyDocument, directory: Directory, contracts: Sequence[ContractTerms]) -> Choice:
    """The choice among contracts that are at hand."""
    want = _wanted(document)
    if want:
        fitting = _fitting(document, want, directory, contracts)
        if len(fitting) == 1:
            document = msgspec.structs.replace(document, contract=fitting[0].code)
        return Choice(document, fitting)
    if isinstance(document, OpeningBalance):
        rows = [_row_chosen(document, row, directory, contracts) for row in document.rows]
        document = msgspec.structs.replace(document, rows=rows)
    return Choice(document)


def _wanted(document: AnyDocument) -> _Wanted | None:
    """What the header says, when it leaves out a contract that it might name."""
    if isinstance(document, Payment):
        named = document.contract or any(row.contract for row in document.rows)
        if document.kind in WITHOUT_NODE or named or not document.counterparty:
            return None
        return _Wanted(document.counterparty, document.agreement, document.currency, is_payment=True)
    if isinstance(document, Supply | Correction | Return):
        if document.contract or not document.counterparty or (isinstance(document, Correction | Return) and document.base):
            return None
        return _Wanted(document.counterparty, document.agreement, document.currency)
    return None


def _rows(document: AnyDocument) -> list[OpeningRow]:
    return document.rows if isinstance(document, OpeningBalance) else []


def _wanted_by(row: OpeningRow) -> _Wanted | None:
    return None if row.contract or not row.counterparty else _Wanted(row.counterparty, row.agreement, row.currency)


def _row_chosen(document: OpeningBalance, row: OpeningRow, directory: Directory, contracts: Sequence[ContractTerms]) -> OpeningRow:
    want = _wanted_by(row)
    fitting = _fitting(document, want, directory, contracts) if want else []
    return msgspec.structs.replace(row, contract=fitting[0].code) if len(fitting) == 1 else row


def _fitting(document: AnyDocument, want: _Wanted, directory: Directory, contracts: Sequence[ContractTerms]) -> list[ContractTerms]:
    unit = found(directory.units, "unit", document.unit, "unit")
    party = found(directory.counterparties, "counterparty", want.counterparty, "counterparty")
    agreement = found(directory.agreements, "agreement", want.agreement, "agreement") if want.agreement else None
    day = day_of(document.date, "date")
    if agreement and not agreement.uses_contracts:
        return []
    currency = want.currency or (agreement.currency if agreement else "")
    settled, paid = ("", want.currency) if want.is_payment else (currency, "")
    return fitting_contracts(
        contracts, kind_of(document), unit, day, counterparty_id=party.id, currency=settled, paid_in=paid,
        agreement=want.agreement,
    )  # fmt: skip


def _with_terms(document: AnyDocument, directory: Directory) -> AnyDocument:
    """What the contract says of the document's bank account and VAT, where the document says nothing."""
    code: str = getattr(document, "contract", "")
    contract = directory.contracts.get(code)
    if contract is None:
        return document
    if isinstance(document, Payment) and contract.bank_account and not document.bank_account and not document.cash:
        return msgspec.structs.replace(document, bank_account=contract.bank_account)
    if isinstance(document, Supply) and contract.vat_rate and not any(line.vat_rate or line.vat for line in document.lines):
        rate = contract.vat_rate
        if rate == GENERAL_RATE:
            unit = found(directory.units, "unit", document.unit, "unit")
            rate = unit.chart.vat_rate_on(day_of(document.date, "date"))
        lines = [msgspec.structs.replace(line, vat_rate=rate) for line in document.lines]
        includes = contract.vat_rule != "on_top" if contract.vat_rule else document.prices_include_vat
        return msgspec.structs.replace(document, lines=lines, prices_include_vat=includes)
    return document


def _as_before(document: AnyDocument, before: AnyDocument) -> AnyDocument:
    """With the contracts that the document has in the books."""
    kept: str = getattr(before, "contract", "")
    if kept and _wanted(document):
        return msgspec.structs.replace(document, contract=kept)
    if isinstance(document, OpeningBalance) and isinstance(before, OpeningBalance) and len(document.rows) == len(before.rows):
        rows = [
            msgspec.structs.replace(row, contract=old.contract) if not row.contract and row.counterparty == old.counterparty else row
            for row, old in zip(document.rows, before.rows, strict=True)
        ]
        return msgspec.structs.replace(document, rows=rows)
    return document


class Chooser:
    """The choice for the documents of a file, with all master data read once."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self.conn, self.directory = conn, load_whole_directory(conn)
        self.by_party: dict[int, list[ContractTerms]] = {}
        for contract in self.directory.contracts.values():
            self.by_party.setdefault(contract.counterparty_id, []).append(contract)

    def each(self, documents: Iterable[tuple[Ref, AnyDocument]]) -> Iterator[tuple[Ref, AnyDocument]]:
        """The documents with their contracts; one that cannot be read any further is left as it is: importing it says why."""
        iterator = iter(documents)
        while portion := list(islice(iterator, PORTION)):
            keys = [document.key or default_key(document) for _, document in portion if _wanted(document) or _rows(document)]
            known = standings(self.conn, keys) if keys else {}
            for ref, document in portion:
                standing = known.get(document.key or default_key(document)) if known else None
                yield ref, self.one(document, decode_document(standing.content) if standing else None)

    def one(self, document: AnyDocument, before: AnyDocument | None) -> AnyDocument:
        if before is not None:
            return _as_before(document, before)
        wanted = [want for want in (_wanted(document), *(_wanted_by(row) for row in _rows(document))) if want]
        known = [self.directory.counterparties.get(want.counterparty) for want in wanted]
        contracts = [contract for party in dict.fromkeys(known) if party for contract in self.by_party.get(party.id, ())]
        if not contracts:
            return document
        try:
            return chosen(document, self.directory, contracts).document
        except DomainError:
            return document
