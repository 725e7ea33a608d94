"""What the books say, as the same rows in which a scenario says what it expects (`lines.py`)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any, Final

import psycopg

from setoff.core.fact import Rule
from setoff.core.money import digits_of
from setoff.scenarios.lines import AccountLine, AllocationLine, BalanceLine, ChangeLine, LotLine, PostingLine
from setoff.settlements.diff import Change
from setoff.settlements.services import Outcome
from setoff.trade.terms import WE_OWE_BY_NATURE

Connection = psycopg.Connection[Any]

_ACCOUNTS: Final = """
select account.code, unit.code, organization.book_currency, sum(side.amount)
from (select unit_id, debit_account_id as account_id, amount from posting
      union all select unit_id, credit_account_id, -amount from posting) side
join account on account.id = side.account_id
join unit on unit.id = side.unit_id
join organization on organization.id = unit.organization_id
group by 1, 2, 3 having sum(side.amount) <> 0
order by 1, 2
"""

_LOTS: Final = """
select coalesce(contract.code, counterparty.code), fold_key.relation, document.key, lot.line, lot.residual, lot.residual_book,
       lot.due, fold_key.currency, organization.book_currency
from lot
join fold_key on fold_key.id = lot.key_id
join document on document.id = lot.document_id
join unit on unit.id = lot.unit_id
join organization on organization.id = unit.organization_id
join counterparty on counterparty.id = fold_key.counterparty_id
left join contract on contract.id = fold_key.contract_id
where fold_key.contour = %(contour)s
order by lot.moment, lot.line
"""

_ALLOCATIONS: Final = """
select document.key, allocation.line, target.key, allocation.lot_line, allocation.amount, allocation.lot_book,
       allocation.own_book, allocation.rule, fold_key.currency, organization.book_currency
from allocation
join fold_key on fold_key.id = allocation.key_id
join document on document.id = allocation.document_id
join document target on target.id = allocation.lot_document_id
join unit on unit.id = allocation.unit_id
join organization on organization.id = unit.organization_id
where fold_key.contour = %(contour)s and allocation.amount > 0
order by allocation.moment, allocation.line, target.moment, allocation.lot_line
"""

_POSTINGS: Final = """
select debit.code, credit.code, posting.amount, posting.kind, organization.book_currency
from posting
join document on document.id = posting.document_id
join account debit on debit.id = posting.debit_account_id
join account credit on credit.id = posting.credit_account_id
join unit on unit.id = posting.unit_id
join organization on organization.id = unit.organization_id
where document.key = %(document)s
order by posting.line
"""


def accounts(conn: Connection, *, by_unit: bool) -> list[AccountLine]:
    """Balances of all accounts that have one, of every unit or of all units together."""
    if by_unit:
        return [AccountLine(code, _amount(amount, currency), unit) for code, unit, currency, amount in conn.execute(_ACCOUNTS)]
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for code, _, currency, amount in conn.execute(_ACCOUNTS):
        totals[code] += _amount(amount, currency)
    return [AccountLine(code, amount, None) for code, amount in sorted(totals.items()) if amount]


def balances(conn: Connection, contour: str) -> list[BalanceLine]:
    """Debt and advance of every contract (or counterparty without one) that ever had a lot in the contour."""
    debts: dict[str, Decimal] = defaultdict(Decimal)
    advances: dict[str, Decimal] = defaultdict(Decimal)
    for owner, relation, _, _, residual, _, _, currency, _ in conn.execute(_LOTS, {"contour": contour}):
        is_debt = (residual > 0) != (relation in WE_OWE_BY_NATURE)
        (debts if is_debt else advances)[owner] += abs(_amount(residual, currency))
        (advances if is_debt else debts)[owner] += 0
    return [BalanceLine(owner, debts[owner], advances[owner]) for owner in sorted(debts)]


def lots(conn: Connection, contour: str) -> list[LotLine]:
    """What is open."""
    return [
        LotLine(key, line, _amount(residual, currency), _amount(book, book_currency), due and due.isoformat())
        for _, _, key, line, residual, book, due, currency, book_currency in conn.execute(_LOTS, {"contour": contour})
        if residual
    ]


def allocations(conn: Connection, contour: str) -> list[AllocationLine]:
    """Every use of a lot by a later document; a revaluation uses nothing."""
    return [
        AllocationLine(
            key, line, lot, lot_line, _amount(amount, currency), _amount(lot_book, book_currency),
            _amount(own_book, book_currency), Rule(rule).name.lower(),
        )
        for key, line, lot, lot_line, amount, lot_book, own_book, rule, currency, book_currency in conn.execute(
            _ALLOCATIONS, {"contour": contour}
        )
    ]


def postings(conn: Connection, document: str) -> list[PostingLine]:
    """The ledger rows of a document."""
    return [
        PostingLine(debit, credit, _amount(amount, currency), kind)
        for debit, credit, amount, kind, currency in conn.execute(_POSTINGS, {"document": document})
    ]


def states(conn: Connection) -> dict[str, str]:
    """draft, posted, unposted or marked (for deletion), by document."""
    rows = conn.execute("select key, case when deletion_mark then 'marked' else status end from document")
    return dict(rows.fetchall())


def change_lines(conn: Connection, outcome: Outcome) -> list[ChangeLine]:
    """What a verb changed, with documents, accounts and amounts as people write them."""
    accounts = dict(conn.execute("select id, code from account").fetchall())
    documents = dict(conn.execute("select id, key from document").fetchall()) | {outcome.document_id: outcome.key}
    currency = conn.execute("select book_currency from organization limit 1").fetchone()
    book_currency = currency[0] if currency else ""
    return [
        ChangeLine(
            documents[change.document_id], change.contour, change.what, _subject(change, accounts, documents),
            _amount(change.before, change.currency or book_currency), _amount(change.after, change.currency or book_currency),
        )
        for change in outcome.changes
    ]


def _subject(change: Change, accounts: dict[int, str], documents: dict[int, str]) -> str:
    """The accounts of a posting, the lot of an allocation, the line of a lot when it is not the first."""
    if change.what == "posting":
        _kind, debit, credit = change.subject
        return f"{accounts[debit]} / {accounts[credit]}"
    document, line = ("", change.subject[0]) if change.what == "lot" else (documents[change.subject[0]], change.subject[1])
    return f"{document} #{line}".strip() if line > 1 else document


def _amount(amount_minor: int, currency: str) -> Decimal:
    digits = digits_of(currency)
    return Decimal(int(amount_minor)).scaleb(-digits)
