"""`allocate`: put free money to open debts, as matched at the desk. The payments say what they settle, are posted again, all or none.

Nothing new enters the books: a payment that names a debt is an edit of that payment (spec 1.7, 1.10), with its version, its audit record
and its diff. Errors: wrong_state, allocation_changed when a payment or an open item is not as it was seen, and those of posting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import psycopg

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount
from setoff.settlements.desk import NamedBy, OpenItem, Settled, settle
from setoff.settlements.desk_queries import Pair, desk
from setoff.settlements.diff import Change, joined_changes
from setoff.settlements.services import known_document, require_state
from setoff.settlements.stored import find_documents
from setoff.settlements.together import post_payments
from setoff.trade.documents import Payment
from setoff.trade.queries import decode_document


class Put(NamedTuple):
    """Money of a payment (under one of its contracts) put to a lot of a document. `line`: 0 = any."""

    payment: str
    payment_contract: str
    document: str
    line: int
    contract: str
    amount: int
    of_order: str | None = None


class Wanted(NamedTuple):
    """A put as somebody names it: keys, the amount as it is written, a line. Line 0: the first one that is open; the key of the document
    may name another one, as KEY/LINE."""

    payment: str
    document: str
    line: int
    amount: str


class Allocated(NamedTuple):
    """The payments that were posted again (id, key, number), and everything that changed."""

    payments: list[tuple[int, str, str]]
    changes: list[Change]


def allocate(
    conn: psycopg.Connection[Any], puts: Iterable[Put], currency: str, actor: Actor, *, named_by: NamedBy = "internal",
    consent: bool = False, versions: Mapping[str, int] | None = None, post: Callable[..., Sequence[Any]] = post_payments,
) -> Allocated:  # fmt: skip
    """Post the payments with what they settle. `versions`: payment -> the version that was seen. `post`: what posts them, as
    `post_payments` does, or asks a second person for some."""
    by_payment: dict[str, dict[str, list[Settled]]] = {}
    for put in puts:
        by_contract = by_payment.setdefault(put.payment, {})
        by_contract.setdefault(put.payment_contract, []).append(Settled(put.document, put.line, put.contract, put.amount, put.of_order))
    said = []
    with conn.transaction():
        found = find_documents(conn, sorted(by_payment))
        for key in sorted(by_payment):
            stored = found.get(key) or known_document(conn, key)
            require_state(stored, "posted")
            if versions is not None and versions.get(key, stored.row.version_id) != stored.row.version_id:
                raise DomainError(ErrorCode.ALLOCATION_CHANGED, document=stored.row.number)
            payment = decode_document(stored.content)
            if not isinstance(payment, Payment):
                raise DomainError(ErrorCode.INVALID_VALUE, field="payment", value=key)
            for contract, settled in by_payment[key].items():
                if stored.row.currency != currency and any(part.contract != contract for part in settled):
                    raise DomainError(
                        ErrorCode.TARGET_MISMATCH, target=settled[0].document, target_kind="document", field="put"
                    )  # money of another currency stays under its contract
                payment = settle(payment, contract, settled, currency, named_by)
            said.append(msgspec.structs.replace(payment, key=key))
        outcomes = post(conn, said, actor, consent=consent)
    payments = [(outcome.document_id, outcome.key, outcome.number) for outcome in outcomes]
    return Allocated(sorted(payments, key=lambda payment: payment[1]), joined_changes([outcome.changes for outcome in outcomes]))


def put_of(money: OpenItem, debt: OpenItem, amount: int) -> Put:
    return Put(money.document, money.contract, debt.document, debt.line if debt.by_line else 0, debt.contract, amount, debt.of_order)


def wanted_puts(conn: psycopg.Connection[Any], unit_id: int, counterparty: str, pair: Pair, wanted: Iterable[Wanted]) -> list[Put]:
    """Puts by the keys of their documents. Errors: unknown_reference for what is not open, invalid_amount, invalid_value."""
    side = desk(conn, unit_id, counterparty).get(pair)
    by_line = {(item.document, item.line): item for item in (side.debts if side else [])}
    first = {item.document: item for item in reversed(by_line.values())}
    money = {item.document: item for item in (side.money if side else []) if item.is_payment}
    found = []
    for payment, document, line, amount in wanted:
        stem, _slash, named = document.rpartition("/")
        debt = by_line.get((document, line)) if line else first.get(document)
        if debt is None and not line and named.isdecimal():
            debt = by_line.get((stem, int(named)))
        if payment not in money or debt is None:
            missing = payment if payment not in money else document
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=missing, field="put")
        put = put_of(money[payment], debt, parse_amount(amount, pair.currency))
        if put.amount <= 0:
            raise DomainError(ErrorCode.INVALID_VALUE, field="put", value=amount, expected="> 0")
        found.append(put)
    return found


def named_put(text: str) -> Wanted:
    """A put written as PAYMENT=DOCUMENT[/LINE]:AMOUNT. Errors: invalid_value."""
    payment, equals, rest = text.partition("=")
    document, colon, amount = rest.rpartition(":")
    if not (equals and colon):
        raise DomainError(ErrorCode.INVALID_VALUE, field="put", value=text, expected="PAYMENT=DOCUMENT:AMOUNT")
    return Wanted(payment, document, 0, amount)
