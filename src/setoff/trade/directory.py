"""The master data that rules look things up in: plain dictionaries that services fill, so that rules stay pure.

Every lookup that finds nothing raises unknown_reference(kind, value, field); a rate that is not there rate_missing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from setoff.core.chart import AccountPair, Chart, CurrencyClass
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Node
from setoff.core.workdays import WorkCalendar, end_of_term
from setoff.parties.records import Stage
from setoff.parties.switches import SWITCHES

T = TypeVar("T")
_since = itemgetter(0)


class UnitTerms(NamedTuple):
    id: int
    code: str
    organization_id: int
    book_currency: str
    chart: Chart
    difference_limit: int = 0
    """What a set-off may leave between its sides and write off: minor units of book currency."""
    owes_advance_vat: bool = False
    calendar: WorkCalendar = WorkCalendar()
    policies: Mapping[str, str] = MappingProxyType({})
    """What the unit decided of what is left open (parties/switches.py), where it is not the default."""

    def term_end(self, day: date, said: str) -> date:
        """When a term of calendar days ends that ends on a day: as its stage says, else as the unit decided."""
        return end_of_term(day, said or self.policy("due_on_day_off"), self.calendar)

    def policy(self, name: str) -> str:
        return self.policies.get(name) or SWITCHES[name].default


class Party(NamedTuple):
    id: int
    code: str
    name: str
    partner_id: int | None = None


class ContractTerms(NamedTuple):
    id: int
    code: str
    number: str
    organization_id: int
    counterparty_id: int
    relation: str
    currency: str
    payment_currency: str
    detail: str  # contract, order, invoice: management contour
    allocation: str  # automatic, manual: management contour
    order: str  # moment, due_date, legal
    reg_detail: str
    status: str  # draft, active, closed
    valid_from: date | None
    valid_to: date | None
    stages: tuple[Stage, ...]
    accounts: AccountPair | None
    credit_limit: int | None = None  # minor units of the settlement currency
    forbid_overdue: bool = False
    agreement: str = ""
    bank_account: str = ""
    vat_rate: str = ""
    vat_rule: str = ""  # included, on_top
    signed_on: date | None = None

    def currency_class(self, book_currency: str) -> CurrencyClass:
        if self.currency == book_currency:
            return CurrencyClass.BOOK
        return CurrencyClass.UNIT if self.payment_currency == book_currency else CurrencyClass.FOREIGN


class AgreementTerms(NamedTuple):
    code: str
    currency: str
    uses_contracts: bool
    detail: str  # order, invoice
    stages: tuple[Stage, ...]
    status: str
    valid_from: date | None
    valid_to: date | None
    partner_id: int | None = None  # None: typical, for everybody


class Corrected(NamedTuple):
    """A posted correction of a document: what it adds, minor units of the document's currency."""

    document_id: int
    change: int


class Done(NamedTuple):
    """What a line of a posted adjustment did in a contour: it used a lot (`lot_document_id` > 0: by how much, what the lot released, what
    the part was worth), or opened one (0). `change` is signed; `due`, `rank` day and `label` are those of the lot."""

    contour: str
    line: int
    node: Node
    change: int
    lot_book: int
    own_book: int
    lot_document_id: int
    lot_line: int
    due: date | None
    origin: date
    label: str


class RateSum(NamedTuple):
    """What an invoice states of one VAT rate, minor units of book currency; VAT is contained in `gross`."""

    vat_rate: str
    gross: int
    vat: int

    @property
    def net(self) -> int:
        return self.gross - self.vat


class Invoiced(NamedTuple):
    """A posted invoice that stands for a document, and what for: shipment, advance, correction. `sums`: what it stated by VAT rate (gross,
    VAT in it) when it was posted, in book currency; `is_deducted`: whether its VAT was deducted with it."""

    document_id: int
    family: str
    number: str
    sums: tuple[RateSum, ...] = ()
    is_deducted: bool = False


class Age(NamedTuple):
    """The day from which the age of a fact counts: due, else arisen."""

    line: int
    day: date


class Stated(NamedTuple):
    """A posted fact: signed amounts in settlement and book currency, on the keys of the contours in which it stands."""

    line: int
    reg_key_id: int | None
    mgmt_key_id: int | None
    change: int
    book: int


class Acknowledged(NamedTuple):
    """A debtor acknowledged the debt of a line on a day, by an act of reconciliation that he signed: its number."""

    line: int
    counterparty: str
    day: date
    act: int


class DocumentRef(NamedTuple):
    """What a rule may know of another document. `lines` are the lines of its facts: (line, label)."""

    id: int
    key: str
    kind: str
    number: str
    date: date
    moment: int
    status: str
    unit_id: int
    content: bytes  # canonical JSON of its newest version
    lines: tuple[tuple[int, str], ...]
    corrections: tuple[Corrected, ...] = ()
    done: tuple[Done, ...] = ()
    reversals: tuple[int, ...] = ()
    """Ids of the posted documents that reverse it."""
    invoices: tuple[Invoiced, ...] = ()
    """Read for the bases of invoices alone."""
    ages: tuple[Age, ...] = ()
    stated: tuple[Stated, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    """Read for debts that are written off for the limitation period alone."""


@dataclass(slots=True)
class Directory:
    units: dict[str, UnitTerms] = field(default_factory=dict)
    counterparties: dict[str, Party] = field(default_factory=dict)
    contracts: dict[str, ContractTerms] = field(default_factory=dict)
    agreements: dict[str, AgreementTerms] = field(default_factory=dict)
    documents: dict[str, DocumentRef] = field(default_factory=dict)
    rates: dict[tuple[str, str], list[tuple[date, Decimal]]] = field(default_factory=dict)  # ascending by date

    def unit(self, code: str) -> UnitTerms:
        return _found(self.units, "unit", code)

    def counterparty(self, code: str) -> Party:
        return _found(self.counterparties, "counterparty", code)

    def contract(self, code: str) -> ContractTerms:
        return _found(self.contracts, "contract", code)

    def agreement(self, code: str) -> AgreementTerms:
        return _found(self.agreements, "agreement", code)

    def document(self, key: str) -> DocumentRef:
        return _found(self.documents, "document", key)

    def rate(self, currency: str, quote: str, day: date) -> Decimal:
        """Units of `quote` for one unit of `currency` in force on a day: the newest not after it. Errors: rate_missing."""
        if currency == quote:
            return Decimal(1)
        table = self.rates.get((currency, quote), [])
        place = bisect_right(table, day, key=_since)
        if place == 0:
            raise DomainError(ErrorCode.RATE_MISSING, currency=currency, quote=quote, date=day, field="rate")
        return table[place - 1][1]


def _found(table: dict[str, T], kind: str, code: str) -> T:
    try:
        return table[code]
    except KeyError:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=kind, value=code, field=kind) from None
