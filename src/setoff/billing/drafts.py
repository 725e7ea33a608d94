"""From what was served to invoices, one for each contract (spec 5). Pure.

A month charge is for a calendar month in which its account was open for a day; it takes the prices of the first of these days, and the VAT
rate of the last. An operation takes prices and rate of its day. What cannot be billed is left out with its refusal:

    tariff_missing         no version of the price list on the day, or the tariff is not in it
    weekly_limit           an invoice for operations was issued a few days before (D4)
    awaiting_prepayment    the advance that a prepaid operation waits for is not there in full (D7)
    disbursement_currency  costs under a contract in foreign currency

Notes, for people: outside_window (D2), earlier_months (never billed), prepayment_allowed (D7), suspended (D10), after_end (D16).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from setoff.billing.charges import Service, equal_shares, exceeds, net_of, vat_of, vat_rate_of
from setoff.billing.days import IsWorking, Window, after_days, issue_window, last_day_of
from setoff.core.chart import Chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money, format_amount, parse_amount
from setoff.parties.records import PriceList, Tariff
from setoff.trade.documents import CustomerBill, Disbursement, Line, Sale

Kind = Literal["month", "operations", "prepayment"]


class Version(NamedTuple):
    """A version of the price list, with its id."""

    id: int
    terms: PriceList


class Payer(NamedTuple):
    """A contract, and the counterparty who pays by it."""

    contract_id: int
    contract: str
    number: str
    counterparty: str
    name: str
    is_resident: bool
    currency: str
    ended: date | None  # the last day of its validity
    is_closed: bool


class Account(NamedTuple):
    id: int
    code: str
    name: str
    payer: Payer
    opened: date
    closed: date | None
    quantity: str
    tariffs: tuple[str, ...]


class Cost(NamedTuple):
    counterparty: str
    contract: str
    name: str
    amount: int


class Operation(NamedTuple):
    """An operation and those of its accounts that were not charged for it yet. `estimate` and costs in minor units of book currency."""

    id: int
    code: str
    name: str
    day: date
    accounts: tuple[int, ...]  # all of its accounts, in the order of their codes
    unbilled: frozenset[int]
    tariff: str
    quantity: str
    urgent: bool
    estimate: int
    prepaid: bool
    costs: tuple[Cost, ...]


class Charge(NamedTuple):
    """One amount of an invoice. `month` or `operation_id`; `disbursed`: costs passed on without VAT; `estimate`: of a bill for
    prepayment, the whole share of the account."""

    account: Account
    version: Version
    tariff: str
    name: str
    net: int
    vat_rate: str
    vat: int
    month: date | None = None
    operation_id: int = 0
    quantity: str = ""
    price: str = ""
    item: str = ""
    disbursed: Cost | None = None
    estimate: int = 0

    @property
    def gross(self) -> int:
        return self.net + self.vat


class Note(NamedTuple):
    """`code`: outside_window, earlier_months, prepayment_allowed, suspended, after_end."""

    code: str
    facts: Mapping[str, Any]


class Refused(NamedTuple):
    """What is left out of an invoice; `what`: the code of the account or operation."""

    what: str
    error: DomainError


class Draft(NamedTuple):
    """An invoice to be; `document` None: there is nothing to charge."""

    payer: Payer
    issued_on: date
    due: date
    charges: tuple[Charge, ...]
    document: Sale | CustomerBill | None
    notes: tuple[Note, ...]
    refused: tuple[Refused, ...]

    @property
    def gross(self) -> int:
        return sum(charge.gross for charge in self.charges)


def _as_agreed(day: date) -> date:
    return day


@dataclass(frozen=True, slots=True)
class Books:
    """What the drafts rest on. Days and amounts are those of the payers' contracts, by contract id: the last invoice for operations before
    the day of issue and the next one after it, the advance open, since when services may be suspended, months never billed before."""

    unit: str
    chart: Chart
    book_currency: str
    price_list: str
    versions: Sequence[Version]  # by valid_from
    is_working: IsWorking
    term_end: Callable[[date], date] = _as_agreed  # the last day of a term counted in calendar days
    charged: frozenset[tuple[int, str]] = frozenset()  # of the month: (account, tariff)
    last_issue: Mapping[int, date] = field(default_factory=dict)
    next_issue: Mapping[int, date] = field(default_factory=dict)
    advances: Mapping[int, int] = field(default_factory=dict)
    suspended: Mapping[int, date] = field(default_factory=dict)
    unbilled_months: Mapping[int, int] = field(default_factory=dict)
    vat_on_disbursements: bool = False  # by the policy of the unit

    def version_on(self, day: date) -> Version:
        """Errors: tariff_missing."""
        iso = day.isoformat()
        for version in reversed(self.versions):
            if version.terms.valid_from <= iso:
                return version
        raise DomainError(ErrorCode.TARIFF_MISSING, price_list=self.price_list, tariff="", date=day)

    def tariff_on(self, code: str, day: date) -> tuple[Version, Tariff]:
        """Errors: tariff_missing."""
        version = self.version_on(day)
        for tariff in version.terms.tariffs:
            if tariff.code == code:
                return version, tariff
        raise DomainError(ErrorCode.TARIFF_MISSING, price_list=self.price_list, tariff=code, date=day)


@dataclass(slots=True)
class _Invoice:
    payer: Payer
    charges: list[Charge] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def month_drafts(books: Books, accounts: Iterable[Account], month: date, issued_on: date) -> list[Draft]:
    """The invoices for a month (its first day), by contract. Accounts that were closed before or opened later are passed over."""
    last = last_day_of(month)
    invoices: dict[int, _Invoice] = {}
    for account in accounts:
        first_day, last_day = max(account.opened, month), min(account.closed or last, last)
        if first_day > last_day:
            continue
        invoice = invoices.setdefault(account.payer.contract_id, _Invoice(account.payer))
        try:
            invoice.charges += _month_charges(books, account, month, (first_day, last_day))
        except DomainError as error:
            invoice.refused.append(Refused(account.code, error))
    terms = books.version_on(issued_on).terms
    window = issue_window(month, terms.issue_days, books.is_working, in_advance=terms.in_advance)
    drafts = []
    for invoice in _in_order(invoices):
        if not invoice.charges and not invoice.refused:
            continue
        if not window.holds(issued_on):
            invoice.notes.append(_outside(window))
        earlier = books.unbilled_months.get(invoice.payer.contract_id, 0)
        if earlier:
            invoice.notes.append(Note("earlier_months", {"count": earlier}))
        key = f"billing/{books.unit}/{invoice.payer.contract}/{month:%Y-%m}"
        drafts.append(_draft(books, invoice, issued_on, due_on(books, terms, issued_on, terms.month_due_days), key))
    return drafts


def _outside(window: Window) -> Note:
    return Note("outside_window", {"first": window.first, "last": window.last})


def _month_charges(books: Books, account: Account, month: date, open_days: tuple[date, date]) -> list[Charge]:
    version = books.version_on(open_days[0])
    wanted = account.tariffs or tuple(tariff.code for tariff in version.terms.tariffs if tariff.per == "month")
    charges = []
    for code in wanted:
        version, tariff = books.tariff_on(code, open_days[0])
        if (account.id, code) in books.charged:
            continue
        net = net_of(Service(tariff, Decimal(account.quantity), open_days[1]), account.payer.currency)
        rate = vat_rate_of(tariff.vat_rate, open_days[1], books.chart)
        name = f"{tariff.name}, {month:%Y-%m}, {account.name or account.code}"
        charges.append(
            Charge(account, version, code, name, net, rate, vat_of(net, rate), month, 0, account.quantity, tariff.price, tariff.item)
        )
    return charges


def operation_drafts(books: Books, operations: Sequence[Operation], accounts: Mapping[int, Account], issued_on: date) -> list[Draft]:
    """The invoices for operations, by contract. `accounts` by id: those whose shares are billed."""
    invoices: dict[int, _Invoice] = {}
    terms = books.version_on(issued_on).terms
    paid = _prepaid(books, operations, accounts)
    for operation in operations:
        for place, account_id in enumerate(operation.accounts):
            if account_id not in operation.unbilled or account_id not in accounts:
                continue
            account = accounts[account_id]
            invoice = invoices.setdefault(account.payer.contract_id, _Invoice(account.payer))
            try:
                if operation.prepaid and account.payer.contract_id in paid:
                    raise paid[account.payer.contract_id]
                invoice.charges += _operation_charges(books, operation, account, place)
            except DomainError as error:
                invoice.refused.append(Refused(operation.code, error))
            else:
                if not operation.prepaid and terms.prepayment_above and exceeds(
                    operation.estimate, parse_amount(terms.prepayment_above, books.book_currency)
                ):
                    estimate = Money(operation.estimate, books.book_currency)
                    invoice.notes.append(Note("prepayment_allowed", {"operation": operation.code, "amount": estimate}))
    drafts = []
    for invoice in _in_order(invoices):
        limit = _too_soon(books, invoice.payer, terms, issued_on)
        if limit is not None and invoice.charges:
            codes = sorted({charge.operation_id for charge in invoice.charges})
            named = {operation.id: operation.code for operation in operations}
            invoice.refused += [Refused(named[code], limit) for code in codes]
            invoice.charges = []
        days = terms.operation_due_days if invoice.payer.is_resident else terms.non_resident_due_days
        key = f"billing/{books.unit}/{invoice.payer.contract}/{issued_on}"
        drafts.append(_draft(books, invoice, issued_on, due_on(books, terms, issued_on, days), key))
    return drafts


def _prepaid(books: Books, operations: Sequence[Operation], accounts: Mapping[int, Account]) -> dict[int, DomainError]:
    """Contracts whose prepaid operations still wait, with what is missing."""
    required: dict[int, int] = {}
    first: dict[int, tuple[str, Payer]] = {}
    for operation in operations:
        if operation.prepaid:
            for account_id, share in zip(operation.accounts, equal_shares(operation.estimate, len(operation.accounts)), strict=True):
                if account_id in operation.unbilled and account_id in accounts:
                    payer = accounts[account_id].payer
                    required[payer.contract_id] = required.get(payer.contract_id, 0) + share
                    first.setdefault(payer.contract_id, (operation.code, payer))
    waiting = {}
    for contract_id, amount in required.items():
        code, payer = first[contract_id]
        advance = books.advances.get(contract_id, 0)
        if advance < amount:
            waiting[contract_id] = DomainError(
                ErrorCode.AWAITING_PREPAYMENT, operation=code, contract=payer.number, required=Money(amount, payer.currency),
                paid=Money(advance, payer.currency), missing=Money(amount - advance, payer.currency),
            )  # fmt: skip
    return waiting


def _operation_charges(books: Books, operation: Operation, account: Account, place: int) -> list[Charge]:
    """The share of one account, at a place among those of the operation: commission with VAT, and direct costs."""
    count = len(operation.accounts)
    version = books.version_on(operation.day)
    charges = []
    title = operation.name or operation.code
    if operation.tariff:
        version, tariff = books.tariff_on(operation.tariff, operation.day)
        service = Service(tariff, Decimal(operation.quantity), operation.day, operation.urgent)
        net = equal_shares(net_of(service, account.payer.currency), count)[place]
        rate = vat_rate_of(tariff.vat_rate, operation.day, books.chart)
        name = f"{tariff.name}, {title}, {operation.day}"
        if net:
            charges.append(
                Charge(
                    account, version, tariff.code, name, net, rate, vat_of(net, rate), None, operation.id, operation.quantity,
                    tariff.price, tariff.item,
                )
            )  # fmt: skip
    for cost in operation.costs:
        if account.payer.currency != books.book_currency:
            raise DomainError(ErrorCode.DISBURSEMENT_CURRENCY, currency=account.payer.currency, book_currency=books.book_currency)
        share = equal_shares(cost.amount, count)[place]
        name = f"{cost.name or title}, {operation.day}"
        if not share:
            continue
        if version.terms.vat_on_disbursements or books.vat_on_disbursements:
            rate = vat_rate_of("general", operation.day, books.chart)
            charges.append(Charge(account, version, "", name, share, rate, vat_of(share, rate), None, operation.id))
        else:
            passed = cost._replace(amount=share, name=name)
            charges.append(Charge(account, version, "", name, share, "", 0, None, operation.id, disbursed=passed))
    return charges


def _too_soon(books: Books, payer: Payer, terms: PriceList, issued_on: date) -> DomainError | None:
    """An invoice for operations less than so many days before or after (D4)."""
    interval = timedelta(days=terms.operation_interval)
    last, following = books.last_issue.get(payer.contract_id), books.next_issue.get(payer.contract_id)
    met = last if last is not None and issued_on - last < interval else None
    if met is None and following is not None and following - issued_on < interval:
        met = following
    if met is None:
        return None
    return DomainError(
        ErrorCode.WEEKLY_LIMIT, contract=payer.number, last=met, days=terms.operation_interval, earliest=met + interval, date=issued_on
    )


def _in_order(invoices: Mapping[int, _Invoice]) -> list[_Invoice]:
    return sorted(invoices.values(), key=lambda invoice: invoice.payer.contract)


def due_on(books: Books, terms: PriceList, issued_on: date, days: int) -> date:
    """D3, D5: counted from the day after issue. A term of calendar days that ends on a day off ends as the unit decided."""
    if terms.due_in == "banking_days":
        return after_days(issued_on, days, books.is_working)
    return books.term_end(issued_on + timedelta(days=days)) if days else issued_on


def _draft(books: Books, invoice: _Invoice, issued_on: date, due: date, key: str) -> Draft:
    payer = invoice.payer
    has_ended = payer.is_closed or (payer.ended is not None and payer.ended < issued_on)
    if has_ended and invoice.charges:
        invoice.notes.append(Note("after_end", {"contract": payer.number}))
    since = books.suspended.get(payer.contract_id)
    if since is not None and since <= issued_on:
        invoice.notes.append(Note("suspended", {"date": since}))
    document = None
    if invoice.charges:
        document = Sale(
            unit=books.unit, date=issued_on.isoformat(), key=key, counterparty=payer.counterparty, contract=payer.contract,
            due=due.isoformat(), after_end=has_ended,
            lines=[_line(charge, payer.currency) for charge in invoice.charges if charge.disbursed is None],
            disbursements=[_passed(charge.disbursed, payer.currency) for charge in invoice.charges if charge.disbursed is not None],
        )  # fmt: skip
    return Draft(payer, issued_on, due, tuple(invoice.charges), document, tuple(invoice.notes), tuple(invoice.refused))


def _line(charge: Charge, currency: str) -> Line:
    """Quantity and price are told where they make the amount: not where a minimum, a surcharge or a share does."""
    return Line(
        name=charge.name, kind="services", quantity=charge.quantity, price=charge.price, amount=format_amount(charge.gross, currency),
        vat_rate=charge.vat_rate, vat=format_amount(charge.vat, currency) if charge.vat_rate else "", item=charge.item,
    )  # fmt: skip


def _passed(cost: Cost, currency: str) -> Disbursement:
    return Disbursement(
        counterparty=cost.counterparty, contract=cost.contract, name=cost.name, amount=format_amount(cost.amount, currency)
    )
