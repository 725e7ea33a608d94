"""Payments of every kind (spec 1.7, 2.3).

| direction | debit                               | credit   | amount |
| ---       | ---                                 | ---      | ---    |
| in        | bank, bank_foreign or cash          | the fact | money in book currency |
| out       | the fact                            | bank, bank_foreign or cash | the same |
| other_in  | bank, bank_foreign or cash          | account  | the same |
| other_out | account                             | bank, bank_foreign or cash | the same |

A row settles one contract. It is one fact, unless parts of it belong to different objects: every named target goes where its
lots are, the rest on the payment's own object (`trade/objects.py`). In the regulated contour only targets named by the payer
count. Where a document has several facts, those with targets of the payer come first, then those with our own, then the
rest, so that the rest never uses up what a target names.

Money. `amount` is in the payment currency. Settlement amount = amount / rate, half up; a typed one must be that, or make
|settlement * rate - amount| <= one minor unit. The book value is the money itself: the amount in book currency, else at the
rate typed or of the day; rows share it. Interest and costs of a loan are owed on own nodes under the loan's contract: `part` of a row.
A loan received or granted is one fact for each day on which some of it is to be repaid (`stages`).

Guards, in this order: unit, date, contours; currency (unknown_currency); amount; fields that do not belong to the kind
(unknown_field); debited (`trade/debited.py`); a write-off paid after all (`trade/recovery.py`); rate of the money (invalid_rate,
rate_missing); amounts of the rows and their sum (parts_differ_from_total); for money without a node its account (field_missing,
unknown_account, settlement_account_without_node, one_sided_30404); then of each row: terms (`trade/terms.py`), rate (invalid_rate,
rate_missing), settlement amount (payment_sums_differ, amount_not_positive); instalments of a loan (invalid_amount,
amount_not_positive, invalid_date, stages_differ_from_total); its targets: amounts (invalid_amount, amount_not_positive),
unknown_reference, target_in_future, target_mismatch, sum (parts_differ_from_total); then the payer (unknown_reference).
Left to the fold: allocation_exceeds_balance, refund_exceeds_advance.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from setoff.core.chart import Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Entry, Fact, Nature, Node, Rule, Statement, Target
from setoff.core.moment import Moment
from setoff.core.money import EXACT, Money, convert, digits_of, round_half_up, split
from setoff.trade.debited import check_debited
from setoff.trade.directory import Directory, UnitTerms
from setoff.trade.documents import Payment, PaymentRow, PaymentTarget
from setoff.trade.fields import (
    amount_of,
    checked_total,
    currency_of,
    found,
    plain_account,
    positive_amount,
    rate_of,
    worth_something,
)
from setoff.trade.kinds import day_order_of
from setoff.trade.objects import Paper
from setoff.trade.papers import Whereabouts, whereabouts
from setoff.trade.payment_fields import WITHOUT_NODE, check_fields
from setoff.trade.recovery import check_recovered
from setoff.trade.supply import Setting, due_parts, setting_of
from setoff.trade.terms import LOAN_INTEREST, LOAN_PARTS, Parties, Terms, terms_of

MONEY_IN: Final = frozenset({
    "payment_from_customer", "refund_from_supplier", "other_party_in", "loan_received", "loan_returned", "packaging_deposit_in", "other_in",
})  # fmt: skip
REFUNDS: Final = frozenset({"refund_to_customer", "refund_from_supplier"})
FIRST_OF_RULE: Final = {Rule.PAYER: 0, Rule.INTERNAL: 1}
REST: Final = 2


class Part(NamedTuple):
    """What becomes one fact: amounts above zero, settlement and book currency. `rank` orders the facts of the document."""

    rank: int
    node: Node
    amount: int
    book: int
    targets: tuple[Target, ...]
    item: str
    due: date | None = None


def facts(document: Payment, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Errors: see above."""
    del closed_year
    setting = setting_of(document, directory)
    currency = payment_currency(document, setting.unit.book_currency, directory)
    amount = positive_amount(document.amount, currency, "amount")
    check_fields(document)
    check_debited(document, setting.day)
    money = _money_in_book(amount, currency, setting, directory, document.rate)
    if document.written_off:
        check_recovered(document, setting, directory)
    if document.kind in WITHOUT_NODE:
        return _without_node(document, currency, setting, money)
    payment = _Paid(document, document_id, currency, setting, amount, money)
    rows = document.rows
    if rows:
        amounts = row_amounts(rows, currency)
        _check_sum(amounts, payment)
        parts = [
            part
            for index, (row, book) in enumerate(zip(rows, split(money, amounts), strict=True))
            for part in _parts(payment, row, (amounts[index], book), f"rows[{index}].", directory)
        ]
        if len(rows) > 1:
            parts.sort(key=_rank)
    else:
        parts = _parts(payment, document, (amount, money), "", directory)
    if document.payer:
        found(directory.counterparties, "counterparty", document.payer, "payer")
    return _statement(payment, parts)


def _rank(part: Part) -> int:
    return part.rank


def payment_currency(document: Payment, book_currency: str, directory: Directory) -> str:
    """As typed; else of the first contract named (paid in its payment currency, else in its own); else book currency."""
    if document.currency:
        return currency_of(document.currency, "currency")
    code = (document.rows[0].contract if document.rows else "") or document.contract
    contract = directory.contracts.get(code)
    return (contract.payment_currency or contract.currency) if contract else book_currency


def row_amounts(rows: Sequence[PaymentRow], currency: str) -> list[int]:
    return [positive_amount(row.amount, currency, f"rows[{index}].amount") for index, row in enumerate(rows)]


class _Paid(NamedTuple):
    """A payment with its header read."""

    document: Payment
    id: int
    currency: str
    setting: Setting
    amount: int
    money: int


def _check_sum(amounts: Sequence[int], payment: _Paid) -> None:
    if sum(amounts) != payment.amount:
        currency = payment.currency
        raise DomainError(
            ErrorCode.PARTS_DIFFER_FROM_TOTAL,
            parts=Money(sum(amounts), currency),
            total=Money(payment.amount, currency),
            field="rows",
        )


def _money_in_book(amount: int, currency: str, setting: Setting, directory: Directory, typed: str) -> int:
    """What the money is worth in book currency. A rate typed in the document is then of the payment currency."""
    book_currency = setting.unit.book_currency
    if currency == book_currency:
        return amount
    rate = rate_of(typed, "rate") if typed else directory.rate(currency, book_currency, setting.day)
    book = convert(amount, rate, currency, book_currency)
    checked_total(book, book_currency, "rate")
    return worth_something(book, Money(amount, currency), "amount")


def _without_node(document: Payment, currency: str, setting: Setting, money: int) -> Statement:
    chart = setting.unit.chart
    rows = document.rows
    amounts = row_amounts(rows, currency) if rows else [positive_amount(document.amount, currency, "amount")]
    _check_sum(amounts, _Paid(document, 0, currency, setting, positive_amount(document.amount, currency, "amount"), money))
    if not document.account:
        raise DomainError(ErrorCode.FIELD_MISSING, field="account")
    account = plain_account(chart, document.account, "account")
    bank = _bank_account(document, currency, setting)
    debit, credit = (bank, account) if document.kind in MONEY_IN else (account, bank)
    entries: list[Entry] = []
    for index, book in enumerate(split(money, amounts) if setting.in_reg else ()):
        item = _item(document, rows[index].item if rows else "")
        if book:
            entries.append(Entry(len(entries) + 1, 0, debit, 0, credit, book, 0, "", item))
    return Statement((), entries)


def _bank_account(document: Payment, currency: str, setting: Setting) -> str:
    chart = setting.unit.chart
    if document.cash:
        return chart.roles[Role.CASH]
    return chart.roles[Role.BANK if currency == setting.unit.book_currency else Role.BANK_FOREIGN]


def _item(document: Payment, row_item: str) -> str:
    """Analytics of the money side: the bank account and the cash-flow item."""
    item = row_item or document.item
    return f"{document.bank_account} / {item}" if document.bank_account and item else document.bank_account or item


def _parts(payment: _Paid, row: PaymentRow | Payment, amounts: tuple[int, int], place: str, directory: Directory) -> list[Part]:
    """The facts of one row: its amount in the payment currency and in book currency are given."""
    document, setting = payment.document, payment.setting
    contract, order = row.contract or document.contract, row.order or document.order
    currency = row.currency if isinstance(row, PaymentRow) else ""
    if not currency and not contract and not document.agreement:
        currency = payment.currency
    parties = Parties(document.counterparty, contract, document.agreement, currency, place)
    terms = payment_terms(document.kind, setting.unit, setting.day, directory, parties)
    if isinstance(row, PaymentRow) and row.part:
        terms = terms._replace(relation=LOAN_PARTS[terms.relation][row.part])
    paid, book = amounts
    settled = _settled(payment, row, paid, (terms, place), directory) if terms.currency != payment.currency else paid
    if not isinstance(row, Payment) and terms.currency == payment.currency:
        _check_same_currency(row, settled, payment.currency, place)
    own = Paper(payment.id, order, 0, True)
    item = _item(document, row.item)
    if not row.targets:
        worth_something(book, Money(paid, payment.currency), place + "amount")
        whole = Part(REST, terms.node(own, own), settled, book, (), item)
        return _staged(whole, document, terms, setting.day) if document.stages else [whole]
    named = _named(payment, row, terms, place, directory)
    left = settled - sum(target.amount for _, target in named)
    if left < 0:
        raise DomainError(
            ErrorCode.PARTS_DIFFER_FROM_TOTAL,
            parts=Money(settled - left, terms.currency),
            total=Money(settled, terms.currency),
            field=place + "targets",
        )  # fmt: skip
    return _divided(terms, own, named, (left, settled, book, item), len(document.rows) < 2)


def _staged(whole: Part, document: Payment, terms: Terms, day: date) -> list[Part]:
    """A fact for each instalment of a loan; they share the money. Errors: those of `due_parts`."""
    parts = due_parts(whole.amount, terms, day, "", document.stages)
    books = split(whole.book, [part.amount for part in parts])
    return [
        whole._replace(amount=part.amount, due=part.day, book=worth_something(book, Money(part.amount, terms.currency), "stages"))
        for part, book in zip(parts, books, strict=True)
    ]


def payment_terms(kind: str, unit: UnitTerms, day: date, directory: Directory, parties: Parties) -> Terms:
    """`terms_of` a payment: interest is owed on a node of its own."""
    terms = terms_of(kind, unit, day, directory, parties)
    return terms._replace(relation=LOAN_INTEREST) if kind == "loan_interest_paid" else terms


def _settled(payment: _Paid, row: PaymentRow | Payment, paid: int, where: tuple[Terms, str], directory: Directory) -> int:
    """The amount in settlement currency. Errors: payment_sums_differ, amount_not_positive, invalid_rate, rate_missing."""
    terms, place = where
    rate = _payment_rate(payment, row, where, directory)
    digits = digits_of(terms.currency) - digits_of(payment.currency)
    settled = round_half_up(EXACT.divide(Decimal(paid), rate).scaleb(digits, EXACT))
    typed = row.settlement_amount if isinstance(row, PaymentRow) else ""
    if typed:
        amount = positive_amount(typed, terms.currency, place + "settlement_amount")
        if amount != settled and abs(EXACT.multiply(Decimal(amount).scaleb(-digits), rate) - paid) > 1:
            raise DomainError(
                ErrorCode.PAYMENT_SUMS_DIFFER, amount=Money(paid, payment.currency),
                settlement_amount=Money(amount, terms.currency),
                rate=format(rate.normalize(), "f"), expected=Money(settled, terms.currency), field=place + "settlement_amount",
            )  # fmt: skip
        settled = amount
    checked_total(settled, terms.currency, place + "amount")
    return worth_something(settled, Money(paid, payment.currency), place + "amount")


def _check_same_currency(row: PaymentRow, settled: int, currency: str, place: str) -> None:
    if row.rate and rate_of(row.rate, place + "rate") != 1:
        raise DomainError(ErrorCode.INVALID_RATE, value=row.rate, field=place + "rate")
    if row.settlement_amount and amount_of(row.settlement_amount, currency, place + "settlement_amount") != settled:
        raise DomainError(
            ErrorCode.PAYMENT_SUMS_DIFFER, amount=Money(settled, currency),
            settlement_amount=Money(amount_of(row.settlement_amount, currency, place + "settlement_amount"), currency),
            rate="1", expected=Money(settled, currency), field=place + "settlement_amount",
        )  # fmt: skip


def _payment_rate(payment: _Paid, row: PaymentRow | Payment, where: tuple[Terms, str], directory: Directory) -> Decimal:
    """Payment currency for one unit of settlement currency: typed in the row; a document paid in book currency may type it in
    the header; else of the rate table, directly or through book currency."""
    document, setting = payment.document, payment.setting
    terms, place = where
    book_currency = setting.unit.book_currency
    if isinstance(row, PaymentRow) and row.rate:
        return rate_of(row.rate, place + "rate")
    if document.rate and payment.currency == book_currency:
        return rate_of(document.rate, "rate")
    if (terms.currency, payment.currency) in directory.rates:
        return directory.rate(terms.currency, payment.currency, setting.day)
    own = directory.rate(terms.currency, book_currency, setting.day)
    return own / directory.rate(payment.currency, book_currency, setting.day) if payment.currency != book_currency else own


def _named(payment: _Paid, row: PaymentRow | Payment, terms: Terms, place: str, directory: Directory) -> list[tuple[Paper, Target]]:
    """The targets of a row, payer's first, each with the paper its lots are on. One demoted to nothing names nothing."""
    named = []
    for index, target in enumerate(row.targets):
        at = f"{place}targets[{index}]"
        demoted = positive_amount(target.demoted, terms.currency, at + ".demoted") if target.demoted else 0
        if demoted and amount_of(target.amount, terms.currency, at + ".amount") == 0:
            continue
        amount = positive_amount(target.amount, terms.currency, at + ".amount")
        paper = _paper_of(payment, (row, terms, amount), target, at, directory)
        rule = Rule.PAYER if target.named_by == "payer" else Rule.INTERNAL
        named.append((paper, Target(directory.documents[target.document].id, target.line, amount, rule, demoted)))
    named.sort(key=lambda pair: pair[1].rule)
    return named


def _paper_of(
    payment: _Paid, settles: tuple[PaymentRow | Payment, Terms, int], target: PaymentTarget, at: str, directory: Directory
) -> Paper:
    """`settles`: the row, its terms and the amount named. Errors: unknown_reference, target_in_future (balance 0, spec 1.7),
    target_mismatch (another unit, party, contract, agreement or order)."""
    row, terms, amount = settles
    document, setting = payment.document, payment.setting
    ref = found(directory.documents, "document", target.document, at + ".document")
    day_order = day_order_of(document.kind) if document.day_order is None else document.day_order
    if ref.moment >= Moment(setting.day, day_order, payment.id).pack():
        contract_terms = directory.contracts.get(row.contract or document.contract)
        raise DomainError(
            ErrorCode.TARGET_IN_FUTURE, contract=contract_terms.number if contract_terms else document.counterparty,
            order=row.order or document.order, target=ref.number, target_date=ref.date, date=setting.day,
            balance=Money(0, terms.currency), amount=Money(amount, terms.currency), excess=Money(amount, terms.currency),
            field=at + ".document",
        )  # fmt: skip
    there = whereabouts(ref, target.line, directory)
    contract, order = row.contract or document.contract, row.order or document.order
    fits = ref.unit_id == setting.unit.id and may_settle(there, document, contract, order, terms)
    if not fits:
        raise DomainError(ErrorCode.TARGET_MISMATCH, target=ref.number, target_kind=ref.kind, field=at + ".document")
    return there.paper


def may_settle(there: Whereabouts, document: Payment, contract: str, order: str, terms: Terms) -> bool:
    """Whether a row of the payment under this contract and order may name a document whose lots are there."""
    return (
        there.counterparty in (None, document.counterparty)
        and there.contract in (None, contract)
        and (bool(contract) or there.agreement in (None, document.agreement))
        and (order in ("", there.paper.order) or not {"order", "order_invoice"} & {terms.detail, terms.reg_detail})
    )


def _divided(terms: Terms, own: Paper, named: list[tuple[Paper, Target]], amounts: tuple[int, int, int, str], alone: bool) -> list[Part]:
    """A row's amount by the objects of its targets and the rest. Parts of one object and rank stay together; where the row is
    the only one and all is on one object, it is one fact."""
    left, settled, book, item = amounts
    nodes: dict[tuple[int, Node], list[Target]] = {}
    for paper, target in named:
        reg_paper = paper if target.rule == Rule.PAYER else own
        nodes.setdefault((FIRST_OF_RULE[target.rule], terms.node(paper, reg_paper)), []).append(target)
    shares = [(rank, node, sum(target.amount for target in targets), tuple(targets)) for (rank, node), targets in nodes.items()]
    if left:
        shares.append((REST, terms.node(own, own), left, ()))
    if alone and len({node for _, node, _, _ in shares}) == 1:
        shares = [(shares[0][0], shares[0][1], settled, tuple(target for _, target in named))]
    books = split(book, [amount for _, _, amount, _ in shares])
    return [
        Part(rank, node, amount, worth_something(value, Money(amount, terms.currency), "targets"), targets, item)
        for (rank, node, amount, targets), value in zip(shares, books, strict=True)
    ]


def _statement(payment: _Paid, parts: Sequence[Part]) -> Statement:
    document, setting = payment.document, payment.setting
    sign = -1 if document.kind in MONEY_IN else 1
    consume_only = document.kind in REFUNDS and not document.consent
    bank = _bank_account(document, payment.currency, setting)
    at_carrying = consume_only and setting.unit.policy("advance_refund") == "carrying" and payment.currency != setting.unit.book_currency
    stated: list[Fact] = []
    entries: list[Entry] = []
    for line, (_, node, amount, book, targets, item, due) in enumerate(parts, 1):
        own_value = not (at_carrying and node.currency == payment.currency)
        stated.append(
            Fact(
                line, node, Nature.MONEY, sign * amount, sign * book, own_value, consume_only, due, None, "", targets,
                setting.in_reg, setting.in_mgmt,
            )
        )  # fmt: skip
        if setting.in_reg:
            debit_fact, debit, credit_fact, credit = (0, bank, line, "") if sign < 0 else (line, "", 0, bank)
            entries.append(Entry(line, debit_fact, debit, credit_fact, credit, book, 0, "", item))
    return Statement(stated, entries)
