"""Fold keys and their accounts: which account a lot of a key stands on is derived from the contract, never typed (spec 1.6).

Which sign is the debt follows from the relation (spec 1.5): where the counterparty owes us by nature of the contract (buyer,
loan granted, packaging issued, other) + is the debt; where we owe, - is.
"""

from __future__ import annotations

from typing import NamedTuple

from setoff.books.charts import account_id
from setoff.core.chart import AccountPair, CurrencyClass, Role
from setoff.core.fact import FoldKey, Node
from setoff.trade.directory import ContractTerms, UnitTerms
from setoff.trade.terms import BESIDE_PRINCIPAL, LOAN_PARTS, debt_sign

__all__ = ["KeyTerms", "accounts_of", "debt_sign", "difference_accounts", "key_terms", "order_of"]


class KeyTerms(NamedTuple):
    """What the fold of one key needs to know. Accounts are ids, 0 in the management contour."""

    key: FoldKey
    id: int
    order: str
    debt_account: int
    advance_account: int

    @property
    def positive_account(self) -> int:
        return self.debt_account if debt_sign(self.key.relation) > 0 else self.advance_account

    @property
    def negative_account(self) -> int:
        return self.advance_account if debt_sign(self.key.relation) > 0 else self.debt_account


def accounts_of(node: Node, unit: UnitTerms, contract: ContractTerms | None) -> AccountPair:
    """The pair of account codes for a node: the contract's own, or the chart's by relation and currency class. Interest of a loan stands
    beside the account of its principal, costs of a loan with other settlements."""
    chart = unit.chart
    if contract is not None:
        currency_class = contract.currency_class(unit.book_currency)
    else:
        currency_class = CurrencyClass.BOOK if node.currency == unit.book_currency else CurrencyClass.FOREIGN
    loan = BESIDE_PRINCIPAL.get(node.relation)
    if loan is not None:
        principal = accounts_of(node._replace(relation=loan), unit, contract)
        if node.relation == LOAN_PARTS[loan]["interest"] and (loan == "loan_received" or chart.account(principal.debt).interest):
            return chart.interest_pair(principal)
        return chart.pair("other_supplier" if loan == "loan_received" else "other_buyer", currency_class)
    if contract is not None and contract.accounts is not None:
        return contract.accounts
    return chart.pair(node.relation, currency_class)


def key_terms(node: Node, contour: str, unit: UnitTerms, contract: ContractTerms | None) -> KeyTerms:
    key = node.fold_key(contour)
    order = order_of(node.relation, contract, unit)
    if contour == "mgmt":
        return KeyTerms(key, key.id(), order, 0, 0)
    debt, advance = accounts_of(node, unit, contract)
    chart = unit.chart.name
    return KeyTerms(key, key.id(), order, account_id(chart, debt), account_id(chart, advance))


def order_of(relation: str, contract: ContractTerms | None, unit: UnitTerms) -> str:
    """In which order lots of a new key are settled: as the contract says, else as the unit decided. The principal of a loan is repaid as it
    is due, whichever money came first."""
    order = contract.order if contract is not None else "moment"
    if order == "moment":
        order = unit.policy("allocation_order")
    return "due_date" if order == "moment" and relation in LOAN_PARTS else order


def difference_accounts(unit: UnitTerms) -> tuple[int, int]:
    """Account ids of exchange gains and losses."""
    chart = unit.chart
    return account_id(chart.name, chart.role(Role.FX_GAIN)), account_id(chart.name, chart.role(Role.FX_LOSS))
