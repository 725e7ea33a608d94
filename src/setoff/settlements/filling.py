"""Fill by balances: what a payment would settle, proposed from the lots open at its moment (spec 2.3).

The proposal names lots of the management contour, as our own choice. It has one row for every contract it reaches, in order of the first
lot of each; a row names that contract's lots in the contract's allocation order (1.7; under the legal order lots of one due day
share what does not reach them all). What is left when every lot is named stays in the last row and names nothing: an advance. Only
lots in the currency of the payment are proposed, and only where a target would find them, so that posting accepts the proposal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.core.moment import ENTRY_BITS, Moment, day_of
from setoff.core.money import format_amount
from setoff.settlements.fold import spread_pro_rata
from setoff.settlements.keys import order_of
from setoff.settlements.orders.basis import with_basis
from setoff.settlements.portion import default_key
from setoff.settlements.queries import lots_at
from setoff.settlements.services import find_document, require_state
from setoff.trade.directory import Directory
from setoff.trade.documents import Payment, PaymentRow, PaymentTarget
from setoff.trade.fields import found, positive_amount
from setoff.trade.header import Header, header
from setoff.trade.objects import Paper
from setoff.trade.papers import whereabouts
from setoff.trade.payment import MONEY_IN, may_settle, payment_terms
from setoff.trade.payment_fields import WITHOUT_NODE
from setoff.trade.queries import load_directory
from setoff.trade.references import references
from setoff.trade.terms import Parties, Terms, fitting_contracts

LAST_ENTRY = (1 << ENTRY_BITS) - 1
"""A document that has no entry number yet comes after all others of its day order."""


class OpenLot(NamedTuple):
    """A lot open just before the payment. `document`: its key; `contract`: its code, "" = none; `amount`: above zero."""

    document: str
    line: int
    rank: int
    due: date | None
    contract: str
    relation: str
    object: str
    amount: int


class ContractLots(NamedTuple):
    """What is open under one contract, in its allocation order."""

    contract: str
    order: str
    lots: Sequence[OpenLot]


class Part(NamedTuple):
    lot: OpenLot
    amount: int


def fill_by_balances(conn: Connection[Any], payment: Payment) -> Payment:
    """The payment with the rows and targets proposed; what it leaves out is taken from the bill or order that it names
    (orders/basis.py); those it had are replaced, and its currency is written out. Its contract and its
    order, where the header names them, restrict the proposal. A payment with nothing to settle comes back without targets; one without
    a counterparty's settlements (other_in, other_out), or not in the management contour, as it is. Errors: wrong_state when it is posted
    already; those of its header; amount_not_positive."""
    if payment.kind in WITHOUT_NODE or "mgmt" not in payment.contours:
        return payment
    payment = with_basis(conn, payment)
    directory = load_directory(conn, references(payment))
    head = header(payment, directory)
    found(directory.counterparties, "counterparty", payment.counterparty, "counterparty")
    amount = positive_amount(payment.amount, head.currency, "amount")
    lots = open_lots(conn, payment, head)
    named = references(payment)
    directory = load_directory(
        conn,
        named._replace(
            contracts=named.contracts | {lot.contract for lot in lots if lot.contract},
            documents=frozenset(lot.document for lot in lots),
        ),
    )
    several = {key for key, ref in directory.documents.items() if len(ref.lines) > 1}
    rows = proposed_rows(by_contract(lots, payment, head, directory), amount, head.currency, several)
    return msgspec.structs.replace(payment, currency=head.currency, rows=rows, targets=[])


def open_lots(conn: Connection[Any], payment: Payment, head: Header) -> list[OpenLot]:
    """Lots of the counterparty that money in this direction settles, open just before the payment's place in the total order."""
    key = payment.key or default_key(payment)
    stored = find_document(conn, key) if key else None
    if stored is not None:
        require_state(stored, "draft", "unposted")
    entry = stored.row.id if stored is not None else LAST_ENTRY
    scope = Scope(
        (head.unit.id,), (head.counterparty_id,) if head.counterparty_id else (),
        (head.contract_id,) if payment.contract and head.contract_id else (), (head.currency,),
    )  # fmt: skip
    cursor = conn.cursor(row_factory=args_row(OpenLot))
    cursor.execute(
        f"""select d.key, l.line, l.rank, l.due, coalesce(c.code, ''), l.relation, l.object, abs(l.residual_then)
            from ({lots_at(scope, "mgmt")}) l
            join document d on d.unit_id = l.unit_id and d.id = l.document_id left join contract c on c.id = l.contract_id
            where sign(l.residual_then) = %(lot_sign)s""",
        {
            **scope.parameters(),
            "before": Moment(head.date, head.day_order, entry).pack(),
            "lot_sign": 1 if payment.kind in MONEY_IN else -1,
        },
    )
    return cursor.fetchall()


def by_contract(lots: Iterable[OpenLot], payment: Payment, head: Header, directory: Directory) -> list[ContractLots]:
    """The lots that the payment may name, by contract, the contract with the first lot first: the oldest, or where the contract
    allocates by due date the earliest due."""
    fitting = fitting_contracts(
        directory.contracts.values(), payment.kind, head.unit, head.date, counterparty_id=head.counterparty_id or 0,
        currency=head.currency,
    )  # fmt: skip
    orders = {"": order_of("", None, head.unit)} | {item.code: order_of(item.relation, item, head.unit) for item in fitting}
    terms: dict[str, Terms] = {}
    kept: dict[str, list[OpenLot]] = {}
    for lot in lots:
        code = lot.contract
        if code not in orders:
            continue
        if code not in terms:
            parties = Parties(payment.counterparty, code, payment.agreement, "" if code or payment.agreement else head.currency)
            terms[code] = payment_terms(payment.kind, head.unit, head.date, directory, parties)
        if is_found(lot, payment, head.currency, terms[code], directory):
            kept.setdefault(code, []).append(lot)
    found_lots = [ContractLots(code, orders[code], in_order(of_contract, orders[code])) for code, of_contract in kept.items()]
    return sorted(found_lots, key=lambda group: (since(group.lots[0], group.order), group.lots[0].rank, group.contract))


def is_found(lot: OpenLot, payment: Payment, currency: str, terms: Terms, directory: Directory) -> bool:
    """Whether a target of the payment that names the lot looks for it where it is."""
    if (terms.relation, terms.currency) != (lot.relation, currency):
        return False
    there = whereabouts(directory.documents[lot.document], lot.line, directory)
    own = Paper(0, payment.order, 0, True)
    return may_settle(there, payment, lot.contract, payment.order, terms) and terms.node(there.paper, own).object == lot.object


def in_order(lots: Iterable[OpenLot], order: str) -> list[OpenLot]:
    """Lots in the allocation order of their contract; by due date those that have none come last."""
    return sorted(lots, key=lambda lot: (date.min if order == "moment" else lot.due or date.max, lot.rank, lot.line))


def since(lot: OpenLot, order: str) -> date:
    """The day by which contracts are ordered."""
    return day_of(lot.rank) if order == "moment" or lot.due is None else lot.due


def proposed_rows(groups: Sequence[ContractLots], amount: int, currency: str, several: Iterable[str]) -> list[PaymentRow]:
    """One row for each contract that the amount reaches; the last takes what is left. `several`: keys of documents whose lots are named
    by line."""
    by_line = frozenset(several)
    taken: list[tuple[str, list[Part]]] = []
    left = amount
    for group in groups:
        if left == 0:
            break
        parts = parts_of(group, left)
        left -= sum(part.amount for part in parts)
        taken.append((group.contract, parts))
    rows = []
    for number, (contract, parts) in enumerate(taken, 1):
        rest = left if number == len(taken) else 0
        targets = [
            PaymentTarget(
                document=lot.document, amount=format_amount(part, currency), line=lot.line if lot.document in by_line else 0,
                named_by="internal",
            )
            for lot, part in parts
        ]  # fmt: skip
        total = sum(part.amount for part in parts) + rest
        rows.append(PaymentRow(amount=format_amount(total, currency), contract=contract, targets=targets))
    return rows


def parts_of(group: ContractLots, amount: int) -> list[Part]:
    """How an amount is laid over the lots of a contract: in their order, each in full; under the legal order those of one due day
    that it does not cover share it in proportion."""
    parts: list[Part] = []
    for _, together in groupby(group.lots, key=lambda lot: (lot.due, None if group.order == "legal" and lot.due else lot)):
        lots = list(together)
        wanted = min(amount, sum(lot.amount for lot in lots))
        shares = [wanted] * len(lots)
        if len(lots) > 1:
            spread_pro_rata(wanted, [lot.amount for lot in lots], list(range(len(lots))), shares)
        parts += [Part(lot, share) for lot, share in zip(lots, shares, strict=True) if share]
        amount -= wanted
        if amount == 0:
            break
    return parts
