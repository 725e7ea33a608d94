"""From open lots to a posted set-off.

    propose_set_off(conn, wanted)                  the lots of both sides and what is proposed of them
    set_off_document(wanted, lots, marks)          the document that says it
    set_off_pair(conn, wanted, actor, rights)      one counterparty's debts both ways, proposed and posted, or asked for
    set_off_each(conn, wanted, actor, rights)      one after another, with what came of each

A set-off that names its operation (a form that was sent, an option of the command) has a key made from that: sent twice it is there once,
while the same amount may be set off twice on a day when it is said twice. Each is a transaction of its own: what is refused leaves the
others alone. Errors: unknown_reference, not_permitted, wrong_state (an operation that was taken back), and those of the document
(trade/adjustment.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

import msgspec
import psycopg

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.setoffs.proposal import (
    EVERYTHING,
    Filter,
    Mark,
    OpenLot,
    Order,
    Totals,
    propose,
    propose_across,
    totals,
    worth_of,
)
from setoff.setoffs.queries import book_currency, open_lots, rates_on
from setoff.settlements.services import Outcome, Stored, find_document
from setoff.trade.documents import AdjustmentRow, DebtAdjustment
from setoff.trade.queries import decode_document

ALL_TOGETHER: Final = "*"
"""Said for the currency: lots of all currencies meet in one document, by their worth in book currency."""
State = Literal["posted", "waits", "refused", "nothing"]
WAITING_SQL: Final = """
  select approval.content, d.id, d.key, d.number from approval
  join document d on d.unit_id = approval.unit_id and d.id = approval.document_id
  where approval.unit_id = %s and approval.state = 'pending' and approval.verb = 'post' and d.kind = 'set_off' order by approval.id"""
ASKED_SQL: Final = "select exists (select from approval where unit_id = %s and document_id = %s and state = 'pending')"


class Wanted(NamedTuple):
    """What is to be set off: of one unit, in one currency (ALL_TOGETHER: of all of them), on a day. `at_most` in minor units, 0 = no
    limit. `operation`: what the same request has again, "" = none."""

    unit: str
    counterparties: tuple[str, ...]
    currency: str
    day: date
    filter: Filter = EVERYTHING
    order: Order = "moment"
    at_most: int = 0
    operation: str = ""


class Proposal(NamedTuple):
    """`currency`: of the totals. Where several currencies meet it is the book currency, at these rates."""

    lots: list[OpenLot]
    marks: list[Mark]
    currency: str
    rates: Mapping[str, Decimal]

    @property
    def totals(self) -> Totals:
        return worth_of(self.lots, self.marks, self.rates, self.currency) if self.rates else totals(self.lots, self.marks)


class Result(NamedTuple):
    """What came of a set-off; `nothing`: no debts both ways any more. `document_id` 0 = there is none. `currency`: of the amount."""

    wanted: Wanted
    state: State
    amount: int = 0
    document_id: int = 0
    key: str = ""
    number: str = ""
    refusal: DomainError | None = None
    in_currency: str = ""

    @property
    def currency(self) -> str:
        return self.in_currency or self.wanted.currency


def propose_set_off(conn: psycopg.Connection[Any], unit_id: int, wanted: Wanted) -> Proposal:
    """Everything open of both sides, and what is proposed of what fits. Errors: unknown_reference, invalid_value (no more than an amount,
    of several currencies)."""
    if wanted.currency != ALL_TOGETHER:
        lots = open_lots(conn, unit_id, wanted.counterparties, wanted.day, currency=wanted.currency)
        marks = propose(lots, wanted=wanted.filter, order=wanted.order, at_most=wanted.at_most)
        return Proposal(lots, marks, wanted.currency, {})
    if wanted.at_most:
        raise DomainError(ErrorCode.INVALID_VALUE, field="amount", value=wanted.at_most, expected="")
    lots = open_lots(conn, unit_id, wanted.counterparties, wanted.day)
    book = book_currency(conn, unit_id)
    rates = rates_on(conn, book, {lot.currency for lot in lots}, wanted.day)
    return Proposal(lots, propose_across(lots, rates, book, wanted=wanted.filter), book, rates)


def set_off_document(wanted: Wanted, lots: Sequence[OpenLot], marks: Iterable[Mark], **said: Any) -> DebtAdjustment:
    """The set-off of these marks. `said`: further fields of the document."""
    rows = [adjustment_row(lots[mark.lot], mark.amount) for mark in marks]
    currency = wanted.currency.strip(ALL_TOGETHER)
    return DebtAdjustment(
        kind="set_off", unit=wanted.unit, date=wanted.day.isoformat(), currency=currency, rows=rows, **{"reason": "act", **said}
    )


def adjustment_row(lot: OpenLot, amount: int) -> AdjustmentRow:
    """An amount of a lot as a row of a debt adjustment. A contract says relation and currency by itself."""
    row = AdjustmentRow(
        side=lot.side, counterparty=lot.counterparty, contract=lot.contract, order=lot.order, document=lot.document, line=lot.line,
        amount=format_amount(amount, lot.currency),
    )  # fmt: skip
    if lot.contract:
        return row
    return msgspec.structs.replace(row, agreement=lot.agreement, relation=lot.relation, currency=lot.currency)


def set_off_pair(conn: psycopg.Connection[Any], wanted: Wanted, actor: Actor, rights: Rights) -> Result:
    """What is proposed, posted; or asked for, where a policy says so; or why not. Of an operation that was, what it did."""
    unit_id = rights.require("post", wanted.unit)
    key = _key(wanted)
    earlier = find_document(conn, key) if key else None
    if earlier is not None:
        return _done_before(conn, wanted, earlier)
    found = propose_set_off(conn, unit_id, wanted)
    if not found.marks:
        return Result(wanted, "nothing")
    document = set_off_document(wanted, found.lots, found.marks)
    document = msgspec.structs.replace(document, key=key)
    amount = found.totals.they_owe_us
    asked = _asked_already(conn, unit_id, document)
    if asked is not None:
        return Result(wanted, "waits", amount, *asked, in_currency=found.currency)
    try:
        done = approvals.post(conn, document, actor, rights)
    except DomainError as refusal:
        return Result(wanted, "refused", amount, refusal=refusal, in_currency=found.currency)
    return Result(wanted, _state(done), amount, done.document_id, done.key, done.number, in_currency=found.currency)


def set_off_each(conn: psycopg.Connection[Any], wanted: Iterable[Wanted], actor: Actor, rights: Rights) -> Iterator[Result]:
    """One after another; each counterparty is proposed when it is its turn. Errors: not_permitted."""
    for one in wanted:
        yield set_off_pair(conn, one, actor, rights)


def _state(done: Outcome | Pending) -> State:
    return "waits" if isinstance(done, Pending) else "posted"


def _asked_already(conn: psycopg.Connection[Any], unit_id: int, document: DebtAdjustment) -> tuple[int, str, str] | None:
    """Id, key and number of a set-off of the same rows that waits for a second person: it is not asked for twice."""
    for content, *found in conn.execute(WAITING_SQL, [unit_id]):
        said = decode_document(content)
        if isinstance(said, DebtAdjustment) and (said.rows, said.date) == (document.rows, document.date):
            return found[0], found[1], found[2]
    return None


def _done_before(conn: psycopg.Connection[Any], wanted: Wanted, earlier: Stored) -> Result:
    row = earlier.row
    is_asked = row.status == "draft" and conn.execute(ASKED_SQL, [row.unit_id, row.id]).fetchone() == (True,)
    if row.status == "posted" or is_asked:
        return Result(wanted, "waits" if is_asked else "posted", row.total, row.id, row.key, row.number, in_currency=row.currency)
    refusal = DomainError(ErrorCode.WRONG_STATE, document=row.number, state=row.status, allowed="posted", field="operation")
    return Result(wanted, "refused", row.total, row.id, row.key, row.number, refusal, row.currency)


def _key(wanted: Wanted) -> str:
    """The same operation on the same debts has the same key; without one the document gets a key of its own."""
    if not wanted.operation:
        return ""
    said = repr((wanted.operation, wanted.unit, sorted(wanted.counterparties), wanted.currency))
    return f"set-off/{wanted.unit}/{hashlib.sha256(said.encode()).hexdigest()[:32]}"
