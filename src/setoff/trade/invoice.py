"""Tax invoices, issued and received (spec 2.1): papers for a supply, an advance, or a correction of a supply. They state no debt.

| invoice                   | chart, input VAT | debit      | credit          | amount                                       |
| ---                       | ---              | ---        | ---             | ---                                          |
| received, shipment, or up | waiting          | vat_output | vat_input       | VAT as stated, by account of the supply      |
| received, correction down | waiting          | vat_input  | vat_output      | the same, given back                         |
| received, corrected       | waiting          | both       | both            | what it replaces by red storno, then its own |
| received, any             | deducted         | -          | -               | the supply has deducted it                   |
| received, advance         | any              | -          | -               | derived with the advance                     |
| issued, correction down   | any              | vat_output | vat_on_decrease | its VAT                                      |
| issued, any other         | any              | -          | -               | the supply, or the advance, has accrued it   |

What an invoice is for follows from its bases: a supply (shipment), a correction of one, a payment (advance). A corrected invoice takes the
place of its original. Every base has one valid invoice. VAT on advances: settlements/advance_vat/.

Guards, in this order: unit, date, contours; bases (field_missing, unknown_reference, invalid_value for one named twice); original
(field_missing, unknown_field, unknown_reference, base_mismatch); each base posted, of the unit and of a fitting kind (base_mismatch), not
later than the invoice (target_in_future), free (base_invoiced); the original's bases (base_mismatch); advances where the unit owes no VAT
on them (invalid_value); one party and direction (base_mismatch); sums (field_missing, those of `trade/invoice_sums.py`, invoice_differs);
incoming paper (field_missing, invalid_date, invalid_value).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from setoff.core.chart import Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Entry, Statement
from setoff.core.moment import Moment
from setoff.core.money import Money, split
from setoff.trade.directory import Directory, DocumentRef, Invoiced, Party, RateSum, UnitTerms
from setoff.trade.fields import day_of, day_or_none, found
from setoff.trade.invoice_documents import IssuedInvoice, ReceivedInvoice
from setoff.trade.invoice_sums import BySupply, Supplied, VatPart, added, decoded, party_of, stated_sums, supplied
from setoff.trade.kinds import day_order_of, kind_of
from setoff.trade.supply import Setting, setting_of

AnyInvoice = IssuedInvoice | ReceivedInvoice
ISSUED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sale": "shipment", "sale_correction": "correction", "sale_return": "correction", "payment_from_customer": "advance",
        "other_party_in": "advance", "opening_customer_advances": "advance",
    }
)  # fmt: skip
RECEIVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "purchase": "shipment", "purchase_correction": "correction", "purchase_return": "correction", "payment_to_supplier": "advance",
        "other_party_out": "advance", "opening_supplier_advances": "advance",
    }
)  # fmt: skip
"""Kind of a base -> what its invoice is for."""
NEEDS_ORIGINAL: Final = ("correction", "corrected")
CODES: Final[Mapping[tuple[str, bool], str]] = MappingProxyType(
    {
        ("shipment", False): "01", ("advance", False): "02", ("correction", False): "01", ("correction", True): "18",
    }
)  # fmt: skip
"""Operation codes by what an invoice is for and whether it lessens (order of the tax service of 14 March 2016, MMV-7-3/136)."""


class Read(NamedTuple):
    """An invoice as its bases make it. `family`: shipment, advance, correction; `stated` what it says by rate, `due` what its bases come to
    (advances: nothing is known of them here); `vat` of its bases by account; `replaced` what a corrected one stands in for."""

    document: AnyInvoice
    setting: Setting
    family: str
    party: Party
    bases: tuple[DocumentRef, ...]
    original: DocumentRef | None
    replaced: Invoiced | None
    stated: list[RateSum]
    due: list[RateSum]
    vat: list[VatPart]
    is_down: bool

    @property
    def base_day(self) -> date:
        return max(base.date for base in self.bases)


def facts(document: AnyInvoice, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """No facts; entries of its VAT. Errors: see above."""
    del closed_year
    read = read_invoice(document, document_id, directory)
    return Statement((), entries_of(read) if read.setting.in_reg else ())


def read_invoice(document: AnyInvoice, document_id: int, directory: Directory) -> Read:
    """The invoice with its bases. Errors: see above."""
    setting = setting_of(document, directory)
    bases = _bases(document, directory)
    original = _original(document, setting, directory)
    _check_bases(document, document_id, setting, bases, original)
    family = (RECEIVED if isinstance(document, ReceivedInvoice) else ISSUED)[bases[0].kind]
    if family == "advance" and original is not None and isinstance(document, ReceivedInvoice):
        raise _mismatch(original, "original")  # its VAT is derived from one invoice: unpost that, and enter the other
    if family == "advance" and not setting.unit.owes_advance_vat:
        raise DomainError(ErrorCode.INVALID_VALUE, field="invoice_kind", value="advance", expected="shipment, correction")
    party = _party(document, bases, directory)
    supplies = [] if family == "advance" else [supplied(_supply(base), setting.unit, directory) for base in bases]
    if len({supply.is_down for supply in supplies}) > 1:
        raise _mismatch(bases[0], "bases[0].document")
    due = added(item for supply in supplies for item in supply.sums)
    stated = stated_sums(document.sums, setting.unit.book_currency) if document.sums else due
    if not stated:
        raise DomainError(ErrorCode.FIELD_MISSING, field="sums")
    if family != "advance":
        _check_sums(document, stated, due, setting.unit)
    if isinstance(document, ReceivedInvoice):
        _check_paper(document)
    replaced = _replaced(bases, original) if document.invoice_kind == "corrected" else None
    is_down = any(supply.is_down for supply in supplies)
    return Read(document, setting, family, party, bases, original, replaced, stated, due, _joined(supplies), is_down)


def _bases(document: AnyInvoice, directory: Directory) -> tuple[DocumentRef, ...]:
    if not document.bases:
        raise DomainError(ErrorCode.FIELD_MISSING, field="bases")
    bases = []
    for index, base in enumerate(document.bases):
        ref = found(directory.documents, "document", base.document, f"bases[{index}].document")
        if ref in bases:
            raise DomainError(ErrorCode.INVALID_VALUE, value=base.document, field=f"bases[{index}].document", expected="")
        bases.append(ref)
    return tuple(bases)


def _original(document: AnyInvoice, setting: Setting, directory: Directory) -> DocumentRef | None:
    if document.invoice_kind not in NEEDS_ORIGINAL:
        if document.original:
            raise DomainError(ErrorCode.UNKNOWN_FIELD, field="original")
        return None
    ref = found(directory.documents, "document", document.original, "original")
    if ref.kind != kind_of(document) or ref.unit_id != setting.unit.id or ref.status != "posted" or ref.key == document.key:
        raise _mismatch(ref, "original")
    return ref


def _check_bases(
    document: AnyInvoice, document_id: int, setting: Setting, bases: Sequence[DocumentRef], original: DocumentRef | None
) -> None:
    """Every base fits, and so does the original."""
    families = RECEIVED if isinstance(document, ReceivedInvoice) else ISSUED
    day_order = day_order_of(kind_of(document)) if document.day_order is None else document.day_order
    moment = Moment(setting.day, day_order, document_id).pack()
    first = bases[0]
    for index, ref in enumerate(bases):
        field = f"bases[{index}].document"
        family = families.get(ref.kind, "")
        fits = family == document.invoice_kind or (family and document.invoice_kind == "corrected")
        same = family == families.get(first.kind) and quarter_of(ref.date) == quarter_of(first.date)
        if not fits or not same or ref.status != "posted" or ref.unit_id != setting.unit.id:
            raise _mismatch(ref, field)
        if ref.moment >= moment:
            raise DomainError(ErrorCode.TARGET_IN_FUTURE, target=ref.number, target_date=ref.date, date=setting.day, field=field)
        _check_free(document, document_id, ref, field, original)
    if original is not None:
        _check_original(document, bases, original)


def _check_free(document: AnyInvoice, document_id: int, ref: DocumentRef, field: str, original: DocumentRef | None) -> None:
    """One base has one valid invoice. A corrected one takes the place of its original."""
    replaces = original.id if original is not None and document.invoice_kind == "corrected" else 0
    for other in ref.invoices:
        if other.document_id not in (document_id, replaces):
            raise DomainError(ErrorCode.BASE_INVOICED, base=ref.number, kind=ref.kind, invoice=other.number, field=field)


def _check_original(document: AnyInvoice, bases: Sequence[DocumentRef], original: DocumentRef) -> None:
    said = decoded(original)
    assert isinstance(said, IssuedInvoice | ReceivedInvoice)
    named = {base.document for base in said.bases}
    if document.invoice_kind == "corrected":
        if named != {base.key for base in bases}:
            raise _mismatch(original, "original")
        return
    for ref in bases:
        base = getattr(decoded(ref), "base", "")
        if base and base not in named:
            raise _mismatch(original, "original")


def _party(document: AnyInvoice, bases: Sequence[DocumentRef], directory: Directory) -> Party:
    line = document.line if isinstance(document, ReceivedInvoice) else 0
    codes = [party_of(decoded(base), directory, line) for base in bases]
    for index, code in enumerate(codes):
        if not code or code != codes[0]:
            raise _mismatch(bases[index], f"bases[{index}].document")
    return found(directory.counterparties, "counterparty", codes[0], "bases[0].document")


def _supply(ref: DocumentRef) -> Supplied:
    said = decoded(ref)
    if not isinstance(said, Supplied):
        raise _mismatch(ref, "bases")
    return said


def _replaced(bases: Sequence[DocumentRef], original: DocumentRef | None) -> Invoiced | None:
    """What the original stated when it was posted."""
    return next((other for base in bases for other in base.invoices if original is not None and other.document_id == original.id), None)


def _check_sums(document: AnyInvoice, stated: Sequence[RateSum], due: Sequence[RateSum], unit: UnitTerms) -> None:
    """What it states is what its bases come to, rate by rate, or it says why not."""
    if document.difference or sorted(stated) == sorted(due):
        return
    currency = unit.book_currency
    raise DomainError(
        ErrorCode.INVOICE_DIFFERS, amount=Money(sum(item.gross for item in stated), currency),
        vat=Money(sum(item.vat for item in stated), currency), base_amount=Money(sum(item.gross for item in due), currency),
        base_vat=Money(sum(item.vat for item in due), currency), field="sums",
    )  # fmt: skip


def _check_paper(document: ReceivedInvoice) -> None:
    if not document.incoming_number.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="incoming_number")
    day = day_of(document.incoming_date, "incoming_date")
    received = day_or_none(document.received, "received")
    if received is not None and received < day:
        raise DomainError(ErrorCode.INVALID_VALUE, field="received", value=document.received, expected=f">= {document.incoming_date}")


def _joined(supplies: Sequence[BySupply]) -> list[VatPart]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for supply in supplies:
        for part in supply.vat:
            sums[part.account, part.vat_rate] += part.amount
    return [VatPart(*name, amount) for name, amount in sums.items()]


def _mismatch(ref: DocumentRef, field: str) -> DomainError:
    return DomainError(ErrorCode.BASE_MISMATCH, base=ref.number, kind=ref.kind, status=ref.status, field=field)


def quarter_of(day: date) -> tuple[int, int]:
    """Year and number of a quarter."""
    return day.year, (day.month + 2) // 3


def code_of(read: Read) -> str:
    """The operation code, as said or by what the invoice is for."""
    return read.document.operation_code or CODES[read.family, read.is_down]


def entries_of(read: Read) -> list[Entry]:
    """The table above."""
    document, chart = read.document, read.setting.unit.chart
    output = chart.role(Role.VAT_OUTPUT)
    rows: list[Entry] = []
    if read.family == "advance":
        return rows
    before = read.replaced.sums if read.replaced is not None else ()
    if isinstance(document, ReceivedInvoice):
        if chart.input_vat == "waiting":
            if read.replaced is not None and read.replaced.is_deducted:
                _deduct(rows, read, (before, -1), output)
            if document.deduct:
                _deduct(rows, read, (read.stated, 1), output)
    elif read.is_down:
        decrease = chart.role(Role.VAT_ON_DECREASE)
        _between(rows, output, decrease, [(rate, -vat) for rate, _gross, vat in before])
        _between(rows, output, decrease, [(rate, vat) for rate, _gross, vat in read.stated])
    return rows


def _deduct(rows: list[Entry], read: Read, stated: tuple[Sequence[RateSum], int], output: str) -> None:
    """VAT that an invoice states, over the accounts of its supply; where the supply has none at that rate, over the first of them.
    `stated`: the sums and their sign."""
    sums, sign = stated
    fallback = read.vat[0].account if read.vat else read.setting.unit.chart.role(Role.VAT_INPUT_GOODS)
    for rate, _gross, vat in sums:
        parts = [part for part in read.vat if part.vat_rate == rate and part.amount] or [VatPart(fallback, rate, 1)]
        for part, amount in zip(parts, split(vat, [part.amount for part in parts]), strict=True):
            debit, credit = (part.account, output) if read.is_down else (output, part.account)
            _between(rows, debit, credit, [(rate, sign * amount)])


def _between(rows: list[Entry], debit: str, credit: str, sums: Sequence[tuple[str, int]]) -> None:
    """Nothing is said of what would leave an account for itself."""
    for rate, vat in sums if debit != credit else ():
        if vat:
            rows.append(Entry(len(rows) + 1, 0, debit, 0, credit, vat, 0, rate))
