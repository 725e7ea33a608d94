"""An entry written by hand (spec 2.12): every row one debit side, one credit side, one amount.

A side is an account that holds no settlements, or a settlement node, whose account is derived. A node becomes an adjust fact
(+ on the debit side, - on the credit side) worth the row's amount, so an entry always balances and never touches a settlement
account without a node.

| debit              | credit             | amount |
| ---                | ---                | ---    |
| account, or a fact | account, or a fact | the row's, book currency |

Guards, in this order: unit, date, contours; rows (field_missing); then of each row: amount; of each side: account or
counterparty (field_missing), not both (invalid_value), account (unknown_account, settlement_account_without_node, one_sided_30404); terms
(`trade/terms.py`), relation (field_missing without a contract, relation_mismatch against the contract's), amount in its own
currency (field_missing where it is not book currency, invalid_value where it is and differs).
"""

from __future__ import annotations

from typing import NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Entry, Fact, Nature, Node, Statement
from setoff.trade.directory import Directory
from setoff.trade.documents import ManualEntry, Side
from setoff.trade.fields import plain_account, positive_amount
from setoff.trade.objects import Paper
from setoff.trade.supply import Setting, setting_of
from setoff.trade.terms import Parties, Terms, adjusted_terms


class Owed(NamedTuple):
    """A side that is a node: its amount in settlement currency."""

    node: Node
    amount: int


def facts(document: ManualEntry, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Errors: see above."""
    del closed_year
    setting = setting_of(document, directory)
    if not document.rows:
        raise DomainError(ErrorCode.FIELD_MISSING, field="rows")
    stated: list[Fact] = []
    entries: list[Entry] = []
    for index, row in enumerate(document.rows):
        place = f"rows[{index}]."
        amount = positive_amount(row.amount, setting.unit.book_currency, place + "amount")
        lines, accounts, items = [], [], []
        for sign, side, at in ((1, row.debit, place + "debit."), (-1, row.credit, place + "credit.")):
            owed = _owed(side, (document_id, amount), setting, directory, at)
            lines.append(len(stated) + 1 if owed else 0)
            accounts.append("" if owed else side.account)
            items.append(side.item)
            if owed:
                stated.append(
                    Fact(
                        len(stated) + 1, owed.node, Nature.ADJUST, sign * owed.amount, sign * amount, True, False, None, None,
                        "", (), setting.in_reg, setting.in_mgmt,
                    )
                )  # fmt: skip
        if setting.in_reg:
            item = " / ".join(dict.fromkeys(filter(None, items)))
            entries.append(Entry(index + 1, lines[0], accounts[0], lines[1], accounts[1], amount, 0, "", item))
    return Statement(stated, entries)


def _owed(side: Side, paper: tuple[int, int], setting: Setting, directory: Directory, place: str) -> Owed | None:
    """The node of a side, None when it is an account."""
    if not side.counterparty:
        if not side.account:
            raise DomainError(ErrorCode.FIELD_MISSING, field=place + "account")
        plain_account(setting.unit.chart, side.account, place + "account")
        return None
    if side.account:
        raise DomainError(ErrorCode.INVALID_VALUE, value=side.account, field=place + "account")
    document_id, book = paper
    terms = _terms(side, setting, directory, place)
    own = Paper(document_id, side.order)
    return Owed(terms.node(own, own), _amount(side, book, terms, place))


def _terms(side: Side, setting: Setting, directory: Directory, place: str) -> Terms:
    """Any relation may be adjusted by hand."""
    parties = Parties(side.counterparty, side.contract, "", side.currency, place, side.relation)
    return adjusted_terms("manual_entry", setting.unit, setting.day, directory, parties)


def _amount(side: Side, book: int, terms: Terms, place: str) -> int:
    field = place + "amount"
    if terms.currency == terms.unit.book_currency:
        if side.amount and positive_amount(side.amount, terms.currency, field) != book:
            raise DomainError(ErrorCode.INVALID_VALUE, value=side.amount, field=field)
        return book
    if not side.amount:
        raise DomainError(ErrorCode.FIELD_MISSING, field=field)
    return positive_amount(side.amount, terms.currency, field)
