"""The header of a document: what the table of documents says of it. Spec 2.0.

Drafts have headers too, so nothing is checked here but what the header itself needs. Errors: unknown_reference (unit, party,
contract, base), invalid_date (also days that no moment can have), invalid_value (day order, too long a key or number),
unknown_currency, and those of amounts (`trade/lines.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import FIRST_DAY, LAST_DAY
from setoff.trade.correction import base_content
from setoff.trade.directory import Directory, UnitTerms
from setoff.trade.disbursement import disbursed_total
from setoff.trade.documents import (
    AdjustmentRow,
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
    Packaging,
    Payment,
    Purchase,
    Return,
    Revaluation,
    Sale,
)
from setoff.trade.fields import amount_of, checked_total, currency_of, day_of, found
from setoff.trade.invoice_documents import Invoice, IssuedInvoice, ReceivedInvoice
from setoff.trade.invoice_sums import Supplied, party_of, stated_sums, supplied
from setoff.trade.kinds import day_order_of, kind_of
from setoff.trade.lines import gross_of
from setoff.trade.objects import check_name
from setoff.trade.order_documents import Plan
from setoff.trade.payment import payment_currency
from setoff.trade.reversal import reversed_content


class Header(NamedTuple):
    """Party and contract are None when there is none, or when the rows of the document name several. `total_minor` is in
    `currency`: the document's; of an opening balance in several currencies, and of a manual entry, book currency."""

    unit: UnitTerms
    kind: str
    date: date
    day_order: int
    counterparty_id: int | None
    contract_id: int | None
    currency: str
    total_minor: int


def header(document: AnyDocument, directory: Directory) -> Header:
    unit = found(directory.units, "unit", document.unit, "unit")
    day = day_of(document.date, "date")
    if not FIRST_DAY <= day <= LAST_DAY:
        raise DomainError(ErrorCode.INVALID_DATE, value=document.date, field="date")
    check_name(document.key, "key")
    check_name(document.number, "number")
    kind = kind_of(document)
    day_order = document.day_order if document.day_order is not None else day_order_of(kind)
    if not 0 <= day_order < 512:
        raise DomainError(ErrorCode.INVALID_VALUE, value=str(day_order), field="day_order")
    if isinstance(document, Payment):
        rest = _of_payment(document, unit, directory)
    elif isinstance(document, OpeningBalance):
        rest = _of_opening(document, unit, directory)
    elif isinstance(document, Packaging):
        rest = _of_packaging(document, unit, directory)
    elif isinstance(document, ManualEntry):
        rest = _of_manual(document, unit, directory)
    elif isinstance(document, DebtAdjustment):
        rest = _of_adjustment(document, unit, directory)
    elif isinstance(document, AdvanceOffset):
        rest = _of_advance_offset(document, unit, directory)
    elif isinstance(document, AdvanceVat):
        rest = _of_advance_vat(document, unit, directory)
    elif isinstance(document, IssuedInvoice | ReceivedInvoice):
        rest = _of_invoice(document, unit, directory)
    elif isinstance(document, BranchNotice):
        rest = _of_notice(document, unit, directory)
    elif isinstance(document, Revaluation):
        rest = (None, None, unit.book_currency, 0)
    elif isinstance(document, LoanInterest):
        rest = _of_interest(document, directory)
    elif isinstance(document, DoubtfulReserve):
        rest = _of_reserve(document, unit, directory)
    else:
        rest = _of_supply(document, unit, directory)
    return Header(unit, kind, day, day_order, *rest)


Rest = tuple[int | None, int | None, str, int]


def _of_supply(document: Sale | Purchase | Correction | Return | Plan, unit: UnitTerms, directory: Directory) -> Rest:
    source: Sale | Purchase | Correction | Return | Plan = document
    if isinstance(document, Correction | Return) and document.base:
        source = base_content(found(directory.documents, "document", document.base, "base")) or document
    counterparty, contract = _party(source.counterparty, directory, ""), _contract(source.contract, directory, "")
    currency = source.currency
    if not currency and contract is not None:
        currency = directory.contracts[source.contract].currency
    elif not currency and source.agreement:
        currency = found(directory.agreements, "agreement", source.agreement, "agreement").currency
    currency = currency_of(currency or unit.book_currency, "currency")
    total = gross_of(document.lines, currency, document.prices_include_vat)
    if isinstance(document, Sale) and document.disbursements:
        total = checked_total(total + disbursed_total(document.disbursements, currency), currency, "disbursements")
    return counterparty, contract, currency, total


def _of_interest(document: LoanInterest, directory: Directory) -> Rest:
    contract = found(directory.contracts, "contract", document.contract, "contract")
    amount = amount_of(document.amount, contract.currency, "amount")
    return _party(document.counterparty, directory, ""), contract.id, contract.currency, amount


def _of_packaging(document: Packaging, unit: UnitTerms, directory: Directory) -> Rest:
    counterparty, contract = _party(document.counterparty, directory, ""), _contract(document.contract, directory, "")
    currency = document.currency
    if not currency and contract is not None:
        currency = directory.contracts[document.contract].currency
    elif not currency and document.agreement:
        currency = found(directory.agreements, "agreement", document.agreement, "agreement").currency
    currency = currency_of(currency or unit.book_currency, "currency")
    return counterparty, contract, currency, gross_of(document.lines, currency, True)


def _of_payment(document: Payment, unit: UnitTerms, directory: Directory) -> Rest:
    codes = [row.contract or document.contract for row in document.rows] or [document.contract]
    contract = _contract(codes[0], directory, "") if len(set(codes)) == 1 else None
    currency = payment_currency(document, unit.book_currency, directory)
    return _party(document.counterparty, directory, ""), contract, currency, amount_of(document.amount, currency, "amount")


def _of_opening(document: OpeningBalance, unit: UnitTerms, directory: Directory) -> Rest:
    rows = document.rows
    parties = {_party(row.counterparty, directory, f"rows[{index}].") for index, row in enumerate(rows)}
    contracts = {_contract(row.contract, directory, f"rows[{index}].") for index, row in enumerate(rows)}
    own = [
        currency_of(
            row.currency or (directory.contracts[row.contract].currency if row.contract else unit.book_currency),
            f"rows[{index}].currency",
        )
        for index, row in enumerate(rows)
    ]
    currency = own[0] if len(set(own)) == 1 else unit.book_currency
    total = sum(
        amount_of(row.amount, currency, f"rows[{index}].amount") if own[index] == currency
        else amount_of(row.book_amount or "0", currency, f"rows[{index}].book_amount")
        for index, row in enumerate(rows)
    )  # fmt: skip
    return _only(parties), _only(contracts), currency, checked_total(total, currency, "rows")


def _of_reserve(document: DoubtfulReserve, unit: UnitTerms, directory: Directory) -> Rest:
    """The total is all that moves, either way."""
    places = [(row, f"rows[{index}].") for index, row in enumerate(document.rows)]
    parties = {_party(row.counterparty, directory, place) for row, place in places}
    contracts = {_contract(row.contract, directory, place) for row, place in places}
    currency = unit.book_currency
    moved = [(text, place + name) for row, place in places for name in ("accrued", "released") if (text := getattr(row, name))]
    total = sum(amount_of(text, currency, field) for text, field in moved)
    return _only(parties), _only(contracts), currency, checked_total(total, currency, "rows")


def _of_manual(document: ManualEntry, unit: UnitTerms, directory: Directory) -> Rest:
    sides = [
        (side, f"rows[{index}].{name}.")
        for index, row in enumerate(document.rows)
        for name, side in (("debit", row.debit), ("credit", row.credit))
        if side.counterparty
    ]
    parties = {_party(side.counterparty, directory, place) for side, place in sides}
    contracts = {_contract(side.contract, directory, place) for side, place in sides}
    currency = unit.book_currency
    total = sum(amount_of(row.amount, currency, f"rows[{index}].amount") for index, row in enumerate(document.rows))
    return _only(parties), _only(contracts), currency, checked_total(total, currency, "rows")


def _of_notice(document: BranchNotice, unit: UnitTerms, directory: Directory) -> Rest:
    """The total is that of its rows."""
    named = [(row, f"rows[{index}].") for index, row in enumerate(document.rows) if row.counterparty]
    parties = {_party(row.counterparty, directory, place) for row, place in named}
    contracts = {_contract(row.contract, directory, place) for row, place in named}
    currency = unit.book_currency
    total = sum(amount_of(row.amount, currency, f"rows[{index}].amount") for index, row in enumerate(document.rows))
    return _only(parties), _only(contracts), currency, checked_total(total, currency, "rows")


def _of_adjustment(document: DebtAdjustment, unit: UnitTerms, directory: Directory) -> Rest:
    """The total is that of the rows in the document's currency: of a set-off the larger side, of the others all of it. A reversal has
    the header of what it reverses."""
    said = reversed_content(document, directory)
    rows, receiver = said.rows, said.receiver
    parties = {_party(row.counterparty, directory, f"rows[{index}].") for index, row in enumerate(rows)}
    contracts = {_contract(row.contract, directory, f"rows[{index}].") for index, row in enumerate(rows)}
    if receiver.counterparty:
        parties.add(_party(receiver.counterparty, directory, "receiver."))
        contracts.add(_contract(receiver.contract, directory, "receiver."))
    own = [_row_currency(row, f"rows[{index}].", unit, directory) for index, row in enumerate(rows)]
    currency = currency_of(said.currency, "currency") if said.currency else own[0] if len(set(own)) == 1 else unit.book_currency
    sums = {"they_owe_us": 0, "we_owe_them": 0}
    for index, row in enumerate(rows):
        if own[index] == currency:
            sums[row.side] += amount_of(row.amount, currency, f"rows[{index}].amount")
    total = max(sums.values()) if said.kind == "set_off" else sum(sums.values())
    return _only(parties), _only(contracts), currency, checked_total(total, currency, "rows")


def _row_currency(row: AdjustmentRow, place: str, unit: UnitTerms, directory: Directory) -> str:
    currency = row.currency
    if not currency and row.contract:
        currency = directory.contracts[row.contract].currency
    elif not currency and row.agreement:
        currency = found(directory.agreements, "agreement", row.agreement, place + "agreement").currency
    return currency_of(currency or unit.book_currency, place + "currency")


def _of_advance_offset(document: AdvanceOffset, unit: UnitTerms, directory: Directory) -> Rest:
    document = reversed_content(document, directory)
    party, contract = _party(document.counterparty, directory, ""), _contract(document.contract, directory, "")
    row = AdjustmentRow(
        side="they_owe_us", counterparty=document.counterparty, contract=document.contract, agreement=document.agreement,
        currency=document.currency, amount=document.amount,
    )  # fmt: skip
    currency = _row_currency(row, "", unit, directory)
    return party, contract, currency, amount_of(document.amount, currency, "amount")


_documents: Final[msgspec.json.Decoder[AnyDocument]] = msgspec.json.Decoder(AnyDocument)


def _of_advance_vat(document: AdvanceVat, unit: UnitTerms, directory: Directory) -> Rest:
    """Party and contract of the document that it is about. A decision has no sum of its own: it is derived."""
    named = _documents.decode(found(directory.documents, "document", document.document, "document").content)
    of_one = isinstance(named, Payment | OpeningBalance) or (isinstance(named, DebtAdjustment) and not named.reverses)
    about = header(named, directory) if of_one else None
    total = amount_of(document.vat, unit.book_currency, "vat") if document.vat else 0
    return about.counterparty_id if about else None, about.contract_id if about else None, unit.book_currency, total


def _of_invoice(document: Invoice, unit: UnitTerms, directory: Directory) -> Rest:
    """The party of its first base and, where all have one, their contract. The total is what it states, or what its bases come to."""
    refs = [found(directory.documents, "document", base.document, f"bases[{index}].document") for index, base in enumerate(document.bases)]
    said = [_documents.decode(ref.content) for ref in refs]
    line = document.line if isinstance(document, ReceivedInvoice) else 0
    party = _party(party_of(said[0], directory, line), directory, "") if said else None
    contracts = {header(base, directory).contract_id for base in said if not isinstance(base, Invoice | AdvanceVat)}
    if document.sums:
        sums = stated_sums(document.sums, unit.book_currency)
    else:
        sums = [item for base in said if isinstance(base, Supplied) for item in supplied(base, unit, directory).sums]
    total = checked_total(sum(item.gross for item in sums), unit.book_currency, "sums")
    return party, _only(contracts), unit.book_currency, total


def _party(code: str, directory: Directory, place: str) -> int | None:
    return found(directory.counterparties, "counterparty", code, place + "counterparty").id if code else None


def _contract(code: str, directory: Directory, place: str) -> int | None:
    return found(directory.contracts, "contract", code, place + "contract").id if code else None


def _only(found_ids: set[int | None]) -> int | None:
    return next(iter(found_ids)) if len(found_ids) == 1 else None
