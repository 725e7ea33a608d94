"""What one unit states by an inter-branch notice or by a local entry (spec 2.13).

| debit                                   | credit                                  | amount |
| ---                                     | ---                                     | ---    |
| account, account between units, or a fact | account, account between units, or a fact | the row's, book currency |

A side that holds settlements is a fact on the node that the row names; which of the pair's accounts it moves, the fold finds. Against an
account of the unit's own it is a supply where it makes a debt (so an advance is offset by a row of its own), against money it is money,
otherwise an adjustment. A row that takes from the account of advances paid or received takes from open advances alone.

Guards, in this order: unit, date, contours; rows (field_missing); then of each row: accounts (field_missing, invalid_value,
unknown_account), amount; one_sided_30404 (an account between units in a local entry); payment_direction_reversed (money on the other side
than the operation says; an advance to a supplier that debits money); settlement_account_without_node (no party, or a second side that holds
settlements); terms (`trade/terms.py`); currency_differs_from_contract (only book currency); invalid_value (the account is none of the
party's). Left to the fold: allocation_exceeds_balance.
"""

from __future__ import annotations

from typing import NamedTuple

from setoff.core.chart import AccountPair, Chart, CurrencyClass
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Entry, Fact, Nature, Node, Statement
from setoff.trade.account_codes import AccountCode, code_of, is_advance_paid, is_money
from setoff.trade.directory import Directory
from setoff.trade.fields import positive_amount
from setoff.trade.kinds import kind_of
from setoff.trade.notice_documents import BranchNotice, Direction, NoticeRow
from setoff.trade.objects import Paper
from setoff.trade.supply import Setting, setting_of
from setoff.trade.terms import LOAN_INTEREST, Parties, Terms, adjusted_terms, debt_sign


class Sides(NamedTuple):
    """A row with its accounts found."""

    row: NoticeRow
    number: int
    debit: AccountCode
    credit: AccountCode
    amount: int

    @property
    def place(self) -> str:
        return f"rows[{self.number - 1}]."


class Owed(NamedTuple):
    """The side of a row that is a node: `sign` of the change."""

    node: Node
    sign: int
    nature: Nature
    consume_only: bool


def facts(document: BranchNotice, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Errors: see above."""
    del closed_year
    setting = setting_of(document, directory)
    stated: list[Fact] = []
    entries: list[Entry] = []
    for sides in sides_of(document, setting):
        owed = _owed(sides, document, document_id, setting, directory)
        line = len(stated) + 1 if owed else 0
        if owed:
            change = owed.sign * sides.amount
            own_value = owed.nature is not Nature.SUPPLY
            stated.append(
                Fact(line, owed.node, owed.nature, change, change, own_value, owed.consume_only, None, None, "", (),
                     setting.in_reg, setting.in_mgmt)
            )  # fmt: skip
        if setting.in_reg:
            debit, credit = (line, 0) if owed and owed.sign > 0 else (0, line)
            entries.append(
                Entry(sides.number, debit, "" if debit else sides.debit.account.code, credit,
                      "" if credit else sides.credit.account.code, sides.amount, 0, "", _item(sides, document.other, setting.unit.chart))
            )  # fmt: skip
    return Statement(stated, entries)


def sides_of(document: BranchNotice, setting: Setting) -> list[Sides]:
    """The rows with their accounts. Errors: those of the guards up to payment_direction_reversed."""
    if not document.rows:
        raise DomainError(ErrorCode.FIELD_MISSING, field="rows")
    found = []
    for number, row in enumerate(document.rows, 1):
        place, unit = f"rows[{number - 1}].", setting.unit
        debit, credit = code_of(unit.chart, row.debit, place + "debit"), code_of(unit.chart, row.credit, place + "credit")
        sides = Sides(row, number, debit, credit, positive_amount(row.amount, unit.book_currency, place + "amount"))
        if not document.notice and (between := next((code for code in (debit, credit) if code.account.is_inter_branch), None)):
            field = place + ("debit" if between is debit else "credit")
            raise DomainError(ErrorCode.ONE_SIDED_30404, account=between.text, field=field)
        _require_direction(sides, document.money, setting)
        found.append(sides)
    return found


def _require_direction(sides: Sides, direction: Direction, setting: Setting) -> None:
    """Money leaves by the credit side and comes by the debit side, as the operation says."""
    chart = setting.unit.chart
    comes = is_money(chart, sides.debit) and not is_money(chart, sides.credit)
    leaves = is_money(chart, sides.credit) and not is_money(chart, sides.debit)
    is_advance = comes and is_advance_paid(chart, sides.credit)
    if (comes and direction == "out") or (leaves and direction == "in") or (is_advance and direction != "in"):
        raise DomainError(
            ErrorCode.PAYMENT_DIRECTION_REVERSED, row=sides.number, debit=sides.debit.text, credit=sides.credit.text,
            field=sides.place + ("debit" if comes else "credit"),
        )  # fmt: skip


def _owed(sides: Sides, document: BranchNotice, document_id: int, setting: Setting, directory: Directory) -> Owed | None:
    row, chart = sides.row, setting.unit.chart
    named = [(sign, code) for sign, code in ((1, sides.debit), (-1, sides.credit)) if code.account.is_settlement]
    if not named:
        return None
    sign, code = named[0]
    if len(named) == 2 or not row.counterparty:
        field = sides.place + ("credit" if len(named) == 2 or sign < 0 else "debit")
        raise DomainError(ErrorCode.SETTLEMENT_ACCOUNT_WITHOUT_NODE, account=named[-1][1].text, field=field)
    parties = Parties(row.counterparty, row.contract, "", "", sides.place, row.relation)
    terms = adjusted_terms(kind_of(document), setting.unit, setting.day, directory, parties)
    if terms.currency != setting.unit.book_currency:
        raise DomainError(
            ErrorCode.CURRENCY_DIFFERS_FROM_CONTRACT, contract=row.contract, currency=setting.unit.book_currency,
            contract_currency=terms.currency, field=sides.place + "contract",
        )  # fmt: skip
    pair = _pair(terms, row, directory)
    if code.account.code not in pair:
        expected = ", ".join(dict.fromkeys(pair))
        field = sides.place + ("debit" if sign > 0 else "credit")
        raise DomainError(ErrorCode.INVALID_VALUE, value=code.text, expected=expected, field=field)
    other = sides.credit if sign > 0 else sides.debit
    takes_advance = code.account.code == pair.advance != pair.debt and sign == debt_sign(terms.relation)
    nature = Nature.ADJUST
    if is_money(chart, other):
        nature = Nature.MONEY
    elif sign == debt_sign(terms.relation) and not other.account.is_inter_branch and not takes_advance:
        nature = Nature.SUPPLY
    paper = Paper(document_id, row.order, stays_apart=nature is Nature.MONEY)
    return Owed(terms.node(paper, paper), sign, nature, takes_advance)


def _pair(terms: Terms, row: NoticeRow, directory: Directory) -> AccountPair:
    """The accounts of the node in book currency."""
    chart = terms.unit.chart
    own = directory.contracts[row.contract].accounts if row.contract else None
    if terms.relation == LOAN_INTEREST:
        return chart.interest_pair(own or chart.pair("loan_received", CurrencyClass.BOOK))
    return own or chart.pair(terms.relation, CurrencyClass.BOOK)


def _item(sides: Sides, other: str, chart: Chart) -> str:
    """Analytics: what the row names, then the unit on the other side where an account between units is moved. What comes first beside
    money is the bank account, so a unit never stands alone there."""
    if not sides.row.item and (is_money(chart, sides.debit) or is_money(chart, sides.credit)):
        return ""
    between = other if sides.debit.account.is_inter_branch or sides.credit.account.is_inter_branch else ""
    return " / ".join(dict.fromkeys(filter(None, (sides.row.item, between))))
