"""Debts settled without money: set-off, transfer, write-off, accrual, netting (spec 2.4, 7).

A row is one node, and one fact on it. Its side says whose debt it is, its kind whether that debt becomes less or more:

| kind      | fact of a row | they owe us: debit / credit | we owe them: debit / credit |
| ---       | ---           | ---                         | ---                         |
| set_off   | towards zero  | a row of ours / the row     | the row / a row of theirs   |
| transfer  | towards zero  | the receiver / the row      | the row / the receiver      |
| write_off | towards zero  | reserve, account / the row  | the row / account           |
| accrual   | away from zero | the row / account          | account / the row           |
| netting   | towards zero  | clearing / the row          | the row / clearing          |

Both sides of a set-off are laid over one another in the order of the rows. A fact towards zero only settles, a receiver and an accrual
only open: what the balance does not bear is refused by the fold. Where a row names a document, it settles that one in both contours.

Values. In book currency the amount. In another one the amount at the rate of the document: `rate` is that of `currency`, or of the only
foreign currency there is; others come from the rate table. Rows of one side in one currency share the value of their sum. What a
lot was carried at above or below that is an exchange difference. Sides are compared in the currency of all rows, else in book currency.

An advance in foreign currency that is transferred and stays an advance in it takes along what it was carried at: its row names its
document, and no rate is asked for.

Guards, in this order: unit, date, contours; fields of another kind (unknown_field); for a reversal those of `trade/reversal.py`; rows
(field_missing); account and item, round (field_missing, unknown_account, settlement_account_without_node,
one_sided_30404); currency (unknown_currency); for a write-off what it has to prove (`trade/write_off.py`); then of each row: terms
(`trade/terms.py`; towards zero also of a contract that has ended), relation (field_missing, relation_mismatch), amount, side
(invalid_value where a transfer has both), document (field_missing where lots stand by document, unknown_reference, target_in_future,
target_mismatch); the receiver: terms, relation (relation_mismatch too where a debt of selling would become an advance of buying, or the
other way round), due (invalid_date), instalments (unknown_field, invalid_date, stages_differ_from_total); signatories
(unknown_reference), linked documents (unknown_reference, target_mismatch); the document of an advance carried over (field_missing,
target_mismatch); rates (invalid_rate, rate_missing); amounts worth nothing (amount_not_positive); the sides
(sides_differ, then account and item of a difference written off), or of a write-off what its reason and its reserve ask for.
Left to the fold: allocation_exceeds_balance, receiver_has_opposite_sign, accrual_towards_zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from setoff.core.chart import Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Entry, Fact, Nature, Node, Rule, Statement, Target
from setoff.core.money import Money, split
from setoff.trade.adjusted import (
    Adjusted,
    Sides,
    carried_at,
    check_linked,
    check_sides,
    converted_back,
    difference_of,
    rates_of,
    target_of,
    valued_rows,
)
from setoff.trade.directory import Directory
from setoff.trade.documents import AdjustmentRow, DebtAdjustment
from setoff.trade.fields import currency_of, day_or_none, found, plain_account, positive_amount, worth_something
from setoff.trade.kinds import ADJUSTMENTS, day_order_of
from setoff.trade.objects import Paper
from setoff.trade.reversal import reversal_facts
from setoff.trade.supply import Setting, due_parts, overlaps, setting_of
from setoff.trade.terms import Force, Parties, Terms, adjusted_terms, debt_sign
from setoff.trade.write_off import check_reason, check_rows, write_off_entries

OWN_FIELDS: Final = {
    "set_off": frozenset({"account", "item", "difference"}),
    "transfer": frozenset({"receiver", "stages"}),
    "write_off": frozenset({"account", "item", "department", "analytics"}),
    "accrual": frozenset({"account", "item", "department", "analytics"}),
    "netting": frozenset({"round"}),
}
"""Fields that only some kinds have."""
TRADE: Final = (frozenset({"buyer", "other_buyer"}), frozenset({"supplier", "other_supplier"}))
"""What a debt of one of them is, is an advance of the other."""
REVERSAL_FIELDS: Final = frozenset(
    {"rows", "receiver", "stages", "account", "item", "department", "analytics", "difference", "round", "currency", "rate"}
)
"""What a reversal takes from the document that it reverses."""


def facts(document: DebtAdjustment, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Errors: see above."""
    del closed_year
    setting = setting_of(document, directory)
    _check_fields(document)
    if document.reverses:
        return reversal_facts(document, document_id, setting, directory)
    if not document.rows:
        raise DomainError(ErrorCode.FIELD_MISSING, field="rows")
    if document.kind in ("write_off", "accrual"):
        check_account(document, setting)
    if document.kind == "write_off":
        check_reason(document)
    if document.kind == "netting" and not document.round:
        raise DomainError(ErrorCode.FIELD_MISSING, field="round")
    if document.currency:
        currency_of(document.currency, "currency")
    rows = [_row(document, index, document_id, setting, directory) for index in range(len(document.rows))]
    receiver = _receiver(document, rows, setting, directory) if document.kind == "transfer" else None
    check_linked(document, directory)
    carried = _carried(document, rows, receiver, setting, directory)
    priced = [row for row in rows if row.place not in carried]
    currencies = [row.terms.currency for row in priced] + ([receiver.currency] if receiver and priced else [])
    rates = rates_of(document, currencies, setting, directory)
    valued = {row.place: row for row in valued_rows(priced, rates, setting.unit.book_currency)}
    rows = [row._replace(book=carried[row.place]) if row.place in carried else valued[row.place] for row in rows]
    if document.kind in ("set_off", "netting"):
        check_sides(document, rows, setting)
    elif document.kind == "write_off":
        check_rows(document, rows, setting, directory)
    stated = [_fact(line, row, document.kind, setting) for line, row in enumerate(rows, 1)]
    if receiver is not None:
        own = Paper(document_id, document.receiver.order)
        node = receiver.node(own, own)
        due = day_or_none(document.receiver.due, "receiver.due")
        for row in rows:
            amount = converted_back(row, node.currency, rates, setting.unit.book_currency)
            worth_something(amount, Money(row.amount, row.node.currency), row.place + "amount")
            whole = _received(len(stated) + 1, node, (-row.sign * amount, -row.sign * row.book), setting)._replace(due=due)
            stated += _staged(whole, document, receiver, setting) if document.stages else [whole]
    return Statement(stated, _entries(document, stated, rows, setting) if setting.in_reg else [])


def _check_fields(document: DebtAdjustment) -> None:
    """A field that a document of this kind has no use for is refused rather than ignored."""
    own = {name for names in OWN_FIELDS.values() for name in names} - OWN_FIELDS[document.kind]
    for name in sorted(REVERSAL_FIELDS if document.reverses else own):
        value = getattr(document, name)
        if value.counterparty if name == "receiver" else value:
            raise DomainError(ErrorCode.UNKNOWN_FIELD, field=name)


def check_account(document: DebtAdjustment, setting: Setting) -> None:
    """The income or expense account with its item. Errors: field_missing, and those of `plain_account`."""
    if not document.account:
        raise DomainError(ErrorCode.FIELD_MISSING, field="account")
    plain_account(setting.unit.chart, document.account, "account")
    if not document.item:
        raise DomainError(ErrorCode.FIELD_MISSING, field="item")


def _row(document: DebtAdjustment, index: int, document_id: int, setting: Setting, directory: Directory) -> Adjusted:
    """A row read: its node, its signed change, the lot it names."""
    row, place = document.rows[index], f"rows[{index}]."
    terms = _row_terms(document, row, place, setting, directory)
    amount = positive_amount(row.amount, terms.currency, place + "amount")
    if document.kind == "transfer" and row.side != document.rows[0].side:
        raise DomainError(ErrorCode.INVALID_VALUE, value=row.side, field=place + "side", expected=document.rows[0].side)
    owed = 1 if row.side == "they_owe_us" else -1
    is_accrual = document.kind == "accrual"
    sign = owed if is_accrual else -owed
    own = Paper(document_id, row.order, index + 1 if is_accrual else 0)
    targets: tuple[Target, ...] = ()
    if is_accrual:
        if row.document:
            raise DomainError(ErrorCode.UNKNOWN_FIELD, field=place + "document")
    elif row.document:
        day_order = day_order_of(ADJUSTMENTS[document.kind]) if document.day_order is None else document.day_order
        own, ref = target_of(row, (setting, terms, amount, place), (day_order, document_id), directory)
        targets = (Target(ref.id, row.line, amount, Rule.ACT),)
    node = terms.node(own, own)
    apart = f"document:{document_id}"
    if not is_accrual and not row.document and apart in (node.object, node.reg_object):
        raise DomainError(ErrorCode.FIELD_MISSING, field=place + "document")
    return Adjusted(terms, node, sign, amount, 0, targets, place)


def _row_terms(document: DebtAdjustment, row: AdjustmentRow, place: str, setting: Setting, directory: Directory) -> Terms:
    parties = Parties(row.counterparty, row.contract, row.agreement, row.currency, place, row.relation)
    force: Force = "opened" if document.kind == "accrual" else "settled"
    return adjusted_terms(ADJUSTMENTS[document.kind], setting.unit, setting.day, directory, parties, force=force)


def _receiver(document: DebtAdjustment, rows: Sequence[Adjusted], setting: Setting, directory: Directory) -> Terms:
    """Where it goes to: a debt stays a debt, an advance stays an advance (spec 2.4). Other settlements take over either."""
    said, kind = document.receiver, ADJUSTMENTS[document.kind]
    parties = Parties(said.counterparty, said.contract, said.agreement, said.currency, "receiver.", said.relation)
    terms = adjusted_terms(kind, setting.unit, setting.day, directory, parties, force="opened")
    sides = {side for row in rows for side in TRADE if row.terms.relation in side}
    if any(terms.relation in side for side in TRADE) and any(terms.relation not in side for side in sides):
        field = "receiver.contract" if said.contract else "receiver.relation"
        raise DomainError(ErrorCode.RELATION_MISMATCH, contract=said.contract, relation=terms.relation, kind=kind, field=field)
    return terms


def _carried(
    document: DebtAdjustment, rows: Sequence[Adjusted], receiver: Terms | None, setting: Setting, directory: Directory
) -> dict[str, int]:
    """What advances in foreign currency are worth that stay advances in it elsewhere, by the places of their rows: an advance is never
    revalued (2.7). Errors: field_missing, target_mismatch (document)."""
    carried: dict[str, int] = {}
    if receiver is None or receiver.currency == setting.unit.book_currency:
        return carried
    for row, said in zip(rows, document.rows, strict=True):
        if row.terms.currency != receiver.currency or {debt_sign(row.terms.relation), debt_sign(receiver.relation)} != {row.sign}:
            continue
        field = row.place + "document"
        ref = found(directory.documents, "document", said.document, field)
        book = carried_at(ref, said.line, (row.node, row.sign, row.amount))
        if book is None:
            raise DomainError(ErrorCode.TARGET_MISMATCH, target=ref.number, target_kind=ref.kind, field=field)
        carried[row.place] = worth_something(book, Money(row.amount, row.terms.currency), row.place + "amount")
    return carried


def _fact(line: int, row: Adjusted, kind: str, setting: Setting) -> Fact:
    """What a row states. Towards zero it only settles; an accrual only opens."""
    is_accrual = kind == "accrual"
    return Fact(
        line, row.node, Nature.ACCRUAL if is_accrual else Nature.ADJUST, row.sign * row.amount, row.sign * row.book,
        row.node.currency != setting.unit.book_currency, not is_accrual, None, None, "", row.targets, setting.in_reg, setting.in_mgmt,
    )  # fmt: skip


class _Side(NamedTuple):
    """One part of a side of a set-off: a fact, or the account of the difference."""

    fact: int
    account: str
    amount: int


def _received(line: int, node: Node, amounts: tuple[int, int], setting: Setting) -> Fact:
    """The debt or advance formed at the receiver: (settlement, book) amounts, signed."""
    foreign = node.currency != setting.unit.book_currency
    return Fact(
        line, node, Nature.TRANSFER, *amounts, foreign, False, None, None, "", (), setting.in_reg, setting.in_mgmt,
    )  # fmt: skip


def _staged(whole: Fact, document: DebtAdjustment, terms: Terms, setting: Setting) -> list[Fact]:
    """The debt at the receiver by its instalments. Errors: unknown_field where there are several rows, or a due day; those of
    `due_parts`."""
    if len(document.rows) > 1 or document.receiver.due:
        raise DomainError(ErrorCode.UNKNOWN_FIELD, field="stages")
    parts = due_parts(abs(whole.change), terms, setting.day, "", document.stages)
    sign = 1 if whole.change > 0 else -1
    books = split(abs(whole.book), [part.amount for part in parts])
    return [
        whole._replace(
            line=whole.line + place, change=sign * part.amount, due=part.day,
            book=sign * worth_something(book, Money(part.amount, terms.currency), "stages"),
        )
        for place, (part, book) in enumerate(zip(parts, books, strict=True))
    ]  # fmt: skip


def _entries(document: DebtAdjustment, stated: Sequence[Fact], rows: Sequence[Adjusted], setting: Setting) -> list[Entry]:
    if document.kind == "set_off":
        return _set_off_entries(document, rows, setting)
    if document.kind == "transfer" and document.stages:
        received = stated[len(rows) :]
        return [_between(number, 1, fact.line, rows[0])._replace(amount=abs(fact.book)) for number, fact in enumerate(received, 1)]
    if document.kind == "transfer":
        return [
            _between(line, line, line + len(rows), rows[line - 1]) for line in range(1, len(rows) + 1)
        ]
    if document.kind == "write_off":
        return write_off_entries(document, stated, setting)
    is_netting = document.kind == "netting"
    account = setting.unit.chart.role(Role.CLEARING) if is_netting else document.account
    item = document.round if is_netting else document.item
    return [
        Entry(fact.line, *((fact.line, "", 0, account) if fact.change > 0 else (0, account, fact.line, "")), abs(fact.book), 0, "", item)
        for fact in stated
    ]


def _between(line: int, source: int, receiver: int, row: Adjusted) -> Entry:
    """Dr receiver Cr source where they owed us, Dr source Cr receiver where we owed them."""
    debit, credit = (receiver, source) if row.sign < 0 else (source, receiver)
    return Entry(line, debit, "", credit, "", row.book)


def _set_off_entries(document: DebtAdjustment, rows: Sequence[Adjusted], setting: Setting) -> list[Entry]:
    """Dr the rows that are +, Cr the rows that are -, paired in the order of the rows; what one side lacks is the difference."""
    sides: dict[int, list[_Side]] = {1: [], -1: []}
    for line, row in enumerate(rows, 1):
        sides[row.sign].append(_Side(line, "", row.book))
    missing = difference_of(Sides(*(sum(part.amount for part in sides[sign]) for sign in (1, -1))))
    item = ""
    if missing:
        check_account(document, setting)
        sides[-1 if missing > 0 else 1].append(_Side(0, document.account, abs(missing)))
        item = document.item
    debits, against = sides[1], sides[-1]
    entries: list[Entry] = []
    for first, second, amount in overlaps([part.amount for part in debits], [part.amount for part in against]):
        debit, credit = debits[first], against[second]
        said = item if debit.account or credit.account else ""
        entries.append(Entry(len(entries) + 1, debit.fact, debit.account, credit.fact, credit.account, amount, 0, "", said))
    return entries
