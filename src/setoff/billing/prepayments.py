"""Bills for what prepaid operations wait for, one for each contract (spec 5: D7). Pure.

Prepaid is an operation that says so, and one whose estimate is above the threshold of the price list: of these a run of bills asks for the
estimate, and from then on, as long as the bill stands, the operation waits for the money. Without such a run nobody waits for it: a bill
may be issued, it need not.

A bill asks for the estimate of every share that no bill asked for yet, but in all for no more than the advances of the contract lack. It
is due as an invoice for operations would be, and owes nothing: what it plans stands in the payment calendar until it is paid. Left out:
disbursement_currency (an estimate is in book currency, the contract in another).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from setoff.billing.charges import equal_shares, exceeds
from setoff.billing.drafts import Account, Books, Charge, Draft, Operation, Payer, Refused, due_on
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount, parse_amount
from setoff.trade.documents import CustomerBill, Line


class Share(NamedTuple):
    """The estimate of one account of a prepaid operation, minor units of book currency."""

    operation: Operation
    account: Account
    estimate: int


def above_threshold(books: Books, operations: Iterable[Operation], issued_on: date) -> list[Operation]:
    """The operations, prepaid where their estimate is above the threshold of the day of issue."""
    above = books.version_on(issued_on).terms.prepayment_above
    threshold = parse_amount(above, books.book_currency) if above else None
    return [
        operation._replace(prepaid=operation.prepaid or (threshold is not None and exceeds(operation.estimate, threshold)))
        for operation in operations
    ]


def waiting(operations: Iterable[Operation], asked: Mapping[tuple[int, int], int]) -> list[Operation]:
    """The operations, prepaid where a bill that stands asks for one of their shares."""
    billed = {operation_id for operation_id, _ in asked}
    return [operation._replace(prepaid=operation.prepaid or operation.id in billed) for operation in operations]


def prepayment_drafts(
    books: Books, operations: Iterable[Operation], accounts: Mapping[int, Account], asked: Mapping[tuple[int, int], int], issued_on: date
) -> list[Draft]:
    """The bills, by contract. `asked`: what bills asked for already, by ids of operation and account."""
    shares: dict[int, list[Share]] = {}
    for operation in operations:
        if not operation.prepaid:
            continue
        parts = equal_shares(operation.estimate, len(operation.accounts))
        for account_id, part in zip(operation.accounts, parts, strict=True):
            if account_id in operation.unbilled and account_id in accounts and part:
                account = accounts[account_id]
                shares.setdefault(account.payer.contract_id, []).append(Share(operation, account, part))
    found = (_draft(books, of_contract, asked, issued_on) for of_contract in shares.values())
    return sorted((draft for draft in found if draft.document or draft.refused), key=lambda draft: draft.payer.contract)


def _draft(books: Books, shares: Sequence[Share], asked: Mapping[tuple[int, int], int], issued_on: date) -> Draft:
    payer = shares[0].account.payer
    version = books.version_on(issued_on)
    days = version.terms.operation_due_days if payer.is_resident else version.terms.non_resident_due_days
    due = due_on(books, version.terms, issued_on, days)
    if payer.currency != books.book_currency:
        error = DomainError(ErrorCode.DISBURSEMENT_CURRENCY, currency=payer.currency, book_currency=books.book_currency)
        codes = sorted({share.operation.code for share in shares})
        return Draft(payer, issued_on, due, (), None, (), tuple(Refused(code, error) for code in codes))
    left = sum(share.estimate for share in shares) - books.advances.get(payer.contract_id, 0)
    charges = []
    for share in shares:
        operation, account = share.operation, share.account
        unasked = share.estimate - asked.get((operation.id, account.id), 0)
        if unasked <= 0:
            continue
        amount = max(min(unasked, left), 0)
        left -= amount
        name = f"{operation.name or operation.code}, {operation.day}"
        charges.append(Charge(account, version, "", name, amount, "", 0, None, operation.id, estimate=share.estimate))
    if not any(charge.net for charge in charges):
        return Draft(payer, issued_on, due, (), None, (), ())
    return Draft(payer, issued_on, due, tuple(charges), _bill(books, payer, charges, (issued_on, due)), (), ())


def _bill(books: Books, payer: Payer, charges: Sequence[Charge], days: tuple[date, date]) -> CustomerBill:
    issued_on, due = days
    return CustomerBill(
        unit=books.unit, date=issued_on.isoformat(), key=f"billing/{books.unit}/{payer.contract}/prepayment/{issued_on}",
        counterparty=payer.counterparty, contract=payer.contract, due=due.isoformat(),
        lines=[
            Line(name=charge.name, kind="services", amount=format_amount(charge.net, payer.currency)) for charge in charges if charge.net
        ],
    )  # fmt: skip
