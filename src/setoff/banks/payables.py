"""Whom we pay: open debts to suppliers, the payments that people choose of them as drafts, and the file of orders for the bank.

A draft is not in the books: the line of the statement finds it by its number and books it. Errors: unknown_reference, wrong_state,
payment_not_approved, payment_details_missing, payment_details_invalid, and those of saving a document.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.access.approvals import needs_approval
from setoff.access.policies import Policies, active_policies
from setoff.banks.matching import Ours
from setoff.banks.orders import Order, OrderFormat, Side, format_of, order_file
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import NEVER
from setoff.core.money import Money, format_amount, parse_amount
from setoff.language import Language, language_of, text
from setoff.settlements.services import find_document, known_document, save_document
from setoff.settlements.stored import Stored
from setoff.trade.documents import AnyDocument, Payment, PaymentTarget
from setoff.trade.queries import decode_document
from setoff.trade.terms import PURCHASES

PAYABLES_SQL: Final = """
  select p.code, p.name, coalesce(c.code, ''), coalesce(c.number, ''), d.key, d.kind, coalesce(nullif(f.label, ''),
         case when d.kind = 'purchase' then nullif(v.content::jsonb ->> 'incoming_number', '') end, d.number), d.date, l.line, l.due,
         abs(l.residual)::bigint, k.currency,
         exists (select from party_account pa where pa.unit_id = k.unit_id and pa.counterparty_id = p.id)
  from fold_key k
  join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.closed_moment = %(never)s and l.residual < 0
  join document d on d.unit_id = l.unit_id and d.id = l.document_id
  join version v on v.unit_id = d.unit_id and v.id = d.posted_version_id
  join counterparty p on p.id = k.counterparty_id
  left join contract c on c.id = k.contract_id
  left join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = l.line
  where k.unit_id = %(unit)s and k.contour = 'mgmt' and k.relation = any(%(relations)s) and k.currency = %(currency)s
    and (%(until)s::date is null or coalesce(l.due, d.date) <= %(until)s)
  order by coalesce(l.due, d.date), p.name, l.rank, l.line"""
SIDES_SQL: Final = """
  select p.name, coalesce(a.number, ''), coalesce(a.bic, ''), p.tax_id, p.kpp, coalesce(a.bank_name, ''), coalesce(a.correspondent, '')
  from counterparty p
  left join lateral (select * from party_account pa where pa.unit_id = %(unit)s and pa.counterparty_id = p.id
                     order by pa.is_typed desc, pa.lines desc, pa.number limit 1) a on true
  where p.code = %(code)s"""


class Payable(NamedTuple):
    """An open debt of ours in the currency of the account. `has_account`: we know where to pay."""

    counterparty: str
    name: str
    contract: str
    contract_number: str
    document: str
    kind: str
    number: str
    date: datetime.date
    line: int
    due: datetime.date | None
    amount: int
    currency: str
    has_account: bool


class Choice(NamedTuple):
    """A debt to pay, or a part of it. `amount` is a decimal text; empty = all of it."""

    document: str
    line: int = 0
    amount: str = ""


class OrderFile(NamedTuple):
    name: str
    content: bytes
    orders: tuple[Order, ...]


def payables(conn: Connection[Any], ours: Ours, until: date | None = None) -> list[Payable]:
    """What we owe in the currency of the account, the earliest due first; `until`: due by then."""
    cursor = conn.cursor(row_factory=args_row(Payable))
    parameters = {"unit": ours.unit.id, "never": NEVER, "relations": list(PURCHASES), "currency": ours.currency, "until": until}
    return cursor.execute(PAYABLES_SQL, parameters).fetchall()


def draft_payments(conn: Connection[Any], ours: Ours, choices: Sequence[Choice], day: date, actor: Actor) -> list[str]:
    """Keys of the drafts: one payment for each party and contract, which names the debts chosen."""
    open_ = {(debt.document, debt.line): debt for debt in payables(conn, ours)}
    by_document: dict[str, list[Payable]] = {}
    for debt in open_.values():
        by_document.setdefault(debt.document, []).append(debt)
    chosen: dict[tuple[str, str], list[tuple[Payable, int]]] = {}
    for choice in choices:
        debts = [open_[choice.document, choice.line]] if (choice.document, choice.line) in open_ else by_document.get(choice.document, [])
        if not debts:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=choice.document, field="document")
        for debt in debts:
            amount = parse_amount(choice.amount, ours.currency) if choice.amount else debt.amount
            if not 0 < amount <= debt.amount:
                parts, total = Money(amount, ours.currency), Money(debt.amount, ours.currency)
                raise DomainError(ErrorCode.PARTS_DIFFER_FROM_TOTAL, parts=parts, total=total, field="amount")
            chosen.setdefault((debt.counterparty, debt.contract), []).append((debt, amount))
    language = language_of(_language_of_house(conn, ours))
    with conn.transaction():
        return [save_document(conn, _draft(ours, day, parts, language), actor).key for parts in chosen.values()]


def _draft(ours: Ours, day: date, parts: Sequence[tuple[Payable, int]], language: Language) -> Payment:
    debt = parts[0][0]
    has_lines = {payable.document for payable, _ in parts if sum(other.document == payable.document for other, _ in parts) > 1}
    targets = [
        PaymentTarget(
            document=payable.document, amount=format_amount(amount, ours.currency),
            line=payable.line if payable.document in has_lines else 0,
        )
        for payable, amount in parts
    ]  # fmt: skip
    total = sum(amount for _, amount in parts)
    numbers = ", ".join(dict.fromkeys(payable.number for payable, _ in parts))
    return Payment(
        unit=ours.unit.code,
        date=day.isoformat(),
        kind="payment_to_supplier",
        amount=format_amount(total, ours.currency),
        counterparty=debt.counterparty,
        contract=debt.contract,
        currency=ours.currency,
        targets=targets,
        bank_account=ours.name,
        purpose=text(language, "order-purpose", numbers=numbers, contract=debt.contract_number),
    )


def _language_of_house(conn: Connection[Any], ours: Ours) -> str:
    row = conn.execute("select language from organization where id = %s", [ours.unit.organization_id]).fetchone()
    assert row is not None
    return str(row[0])


def ready_to_order(conn: Connection[Any], keys: Sequence[str]) -> list[str]:
    """Those of the saved payments whose orders may go to the bank now."""
    policies = active_policies(conn)
    saved = [(key, known_document(conn, key)) for key in keys]
    return [key for key, stored in saved if not _waits(conn, stored, decode_document(stored.content), policies)]


def _waits(conn: Connection[Any], stored: Stored, payment: AnyDocument, policies: Policies) -> bool:
    """A policy wants a second person for the payment, and he has not approved it."""
    return stored.row.status != "posted" and needs_approval(conn, payment, policies)


def write_orders(
    conn: Connection[Any], keys: Sequence[str], created: datetime.datetime, actor: Actor, *, form: OrderFormat | None = None
) -> OrderFile:
    """The file for the bank with these payments, drafts or posted. All are from one account. What a policy wants a second person for
    goes to the bank when it is approved, and so posted."""
    policies = active_policies(conn)
    orders: list[Order] = []
    units = set()
    for key in keys:
        stored = find_document(conn, key)
        if stored is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=key, field="document")
        payment = decode_document(stored.content)
        if not isinstance(payment, Payment) or not payment.bank_account:
            raise DomainError(ErrorCode.PAYMENT_DETAILS_MISSING, party=stored.row.number, field="bank_account")
        if _waits(conn, stored, payment, policies):
            raise DomainError(ErrorCode.PAYMENT_NOT_APPROVED, number=stored.row.number)
        orders.append(_order(conn, payment, stored.row.unit_id, stored.row.number))
        units.add(stored.row.unit_id)
    if not orders:
        raise DomainError(ErrorCode.FIELD_MISSING, field="document")
    form = form or format_of(orders[0].payer.account)
    message_id = f"SETOFF-{created:%Y%m%d%H%M%S}-{orders[0].number}"
    content = order_file(orders, form, created, message_id)
    for unit_id in units:
        record_audit(conn, actor, "write_payment_orders", unit_id=unit_id, documents=list(keys), format=form)
    ending = "txt" if form == "1c" else "xml"
    return OrderFile(f"orders-{created:%Y%m%d-%H%M%S}.{ending}", content, tuple(orders))


def _order(conn: Connection[Any], payment: Payment, unit_id: int, number: str) -> Order:
    row = conn.execute(
        """select o.name, a.number, a.bic, o.tax_id, o.kpp, a.bank_name, a.correspondent
           from bank_account a join unit u on u.id = a.unit_id join organization o on o.id = u.organization_id
           where a.unit_id = %s and a.name = %s""",
        [unit_id, payment.bank_account],
    ).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="bank_account", value=payment.bank_account, field="bank_account")
    payee = conn.cursor(row_factory=args_row(Side)).execute(SIDES_SQL, {"unit": unit_id, "code": payment.counterparty}).fetchone()
    if payee is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value=payment.counterparty, field="counterparty")
    amount = parse_amount(payment.amount, payment.currency)
    return Order(number, date.fromisoformat(payment.date), amount, payment.currency, Side(*row), payee, payment.purpose)
