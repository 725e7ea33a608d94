"""Reads of single facts: the settlement card and our side of an act of reconciliation.

A row of a card is a fact with what it did to its key: the lot it opened and the lots it used. Amounts are minor units of the
settlement currency, signed (+ they owe us); `book` is the change of the carrying value of the key's lots, so a card sums to
the lots in both currencies.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.core.fact import Rule
from setoff.settlements.queries import OBJECT_NAME, lots_at, moments


class KeyBalance(NamedTuple):
    """What a fold key held at the end of a day."""

    key_id: int
    unit: str
    counterparty: str
    contract: str
    object: str
    relation: str
    currency: str
    book_currency: str
    net: int
    net_book: int


class CardFact(NamedTuple):
    """`stated_book`: at the document's own rate. `opened` and `opened_book`: the lot of this fact, 0 when all was used up. A revaluation of
    the key stands among them with no change; its `rate` is for one unit."""

    key_id: int
    unit: str
    counterparty: str
    contract: str
    object: str
    relation: str
    currency: str
    book_currency: str
    document_id: int
    line: int
    key: str
    kind: str
    number: str
    date: datetime.date
    change: int
    stated_book: int
    opened: int
    opened_book: int
    due: datetime.date | None
    label: str
    rate: Decimal | None = None


class CardAllocation(NamedTuple):
    """A part of a lot used by a fact. `difference`: own value less carrying value, both positive."""

    key_id: int
    document_id: int
    line: int
    key: str
    kind: str
    number: str
    date: datetime.date
    lot_line: int
    amount: int
    lot_book: int
    difference: int
    rule: int


class ActLine(NamedTuple):
    """A document in an act: what it adds to their debt and to ours, in the settlement currency, both positive."""

    organization: str
    counterparty: str
    contract: str
    currency: str
    key: str
    kind: str
    number: str
    date: datetime.date
    debit: int
    credit: int


class ActBalance(NamedTuple):
    organization: str
    counterparty: str
    contract: str
    currency: str
    opening: int
    closing: int


_KEY_COLUMNS = f"u.code, cp.name, coalesce(ct.number, ''), {OBJECT_NAME}, k.relation, k.currency, o.book_currency"
_KEY_NAMES = """
  join unit u on u.id = k.unit_id join organization o on o.id = u.organization_id
  join counterparty cp on cp.id = k.counterparty_id left join contract ct on ct.id = k.contract_id"""


def _facts(contour: str) -> str:
    """SQL joins from a fold key `k` to the facts in force `f` and their documents `d` within the period."""
    assert contour in ("reg", "mgmt")
    return f"""
      join fact f on f.{contour}_key_id = k.id and f.moment >= %(first)s and f.moment < %(before)s
      join document d on d.unit_id = f.unit_id and d.id = f.document_id and d.posted_version_id = f.version_id"""


def _keys(scope: Scope, contour: str) -> str:
    return f"k.unit_id = any(%(scope_units)s) and k.contour = '{contour}' {scope.clause(alias='k')}"


def key_balances(conn: Connection[Any], scope: Scope, contour: str, as_of: date) -> list[KeyBalance]:
    """Every key with open lots at the end of a day."""
    cursor = conn.cursor(row_factory=args_row(KeyBalance))
    cursor.execute(
        f"""select k.id, {_KEY_COLUMNS}, s.net, s.net_book
            from (select unit_id, key_id, sum(residual_then)::bigint as net, sum(book_then)::bigint as net_book
                  from ({lots_at(scope, contour)}) open_lot group by 1, 2) s
            join fold_key k on k.unit_id = s.unit_id and k.id = s.key_id {_KEY_NAMES}
            order by cp.name, k.currency, k.relation, ct.number, k.object""",
        {**scope.parameters(), **moments(None, as_of)},
    )
    return cursor.fetchall()


@contextmanager
def joins_as_written(conn: Connection[Any]) -> Iterator[None]:
    """A card reads a few hundred rows in a millisecond; looking for the best order of nine joins takes five."""
    with conn.transaction():
        conn.execute("set local join_collapse_limit = 1")
        yield


def card_facts(conn: Connection[Any], scope: Scope, contour: str, since: date | None, as_of: date) -> list[CardFact]:
    """The facts of the period in the total order, and among them the revaluations."""
    rows = conn.execute(
        f"""select f.moment, k.id, {_KEY_COLUMNS}, f.document_id, f.line, d.key, d.kind, d.number, d.date, f.change, f.book,
                   coalesce(l.amount, 0), coalesce(l.book, 0), f.due, f.label
            from fold_key k {_KEY_NAMES} {_facts(contour)}
            left join lot l on l.unit_id = f.unit_id and l.key_id = k.id and l.document_id = f.document_id and l.line = f.line
            where {_keys(scope, contour)}
            order by f.moment, f.document_id, f.line""",
        {**scope.parameters(), **moments(since, as_of)},
    ).fetchall()
    found = [(row[0], CardFact._make((*row[1:], None))) for row in rows]
    revalued = card_revaluations(conn, scope, contour, since, as_of) if any(row[7] != row[8] for row in rows) or since else []
    return [fact for _moment, fact in sorted([*found, *revalued], key=lambda pair: (pair[0], pair[1].document_id, pair[1].line))]


def card_revaluations(
    conn: Connection[Any], scope: Scope, contour: str, since: date | None, as_of: date
) -> list[tuple[int, CardFact]]:
    """What revaluations did to keys in the period: the moment, and a fact without a change."""
    rows = conn.execute(
        f"""select distinct a.moment, k.id, {_KEY_COLUMNS}, a.document_id, a.line, d.key, d.kind, d.number, d.date, said.rate
            from fold_key k {_KEY_NAMES}
            join allocation a on a.unit_id = k.unit_id and a.key_id = k.id and a.moment >= %(first)s and a.moment < %(before)s
             and a.rule = {Rule.REVALUED:d}
            join document d on d.unit_id = a.unit_id and d.id = a.document_id
            join version v on v.unit_id = d.unit_id and v.id = d.posted_version_id
            cross join lateral (
              select (value ->> 'rate')::numeric / coalesce(value ->> 'nominal', '1')::numeric as rate
              from jsonb_array_elements(v.content::jsonb -> 'rates') where value ->> 'currency' = k.currency) said
            where {_keys(scope, contour)} and k.currency <> o.book_currency""",
        {**scope.parameters(), **moments(since, as_of)},
    )
    return [(row[0], CardFact._make((*row[1:-1], 0, 0, 0, 0, None, "", row[-1]))) for row in rows]


def card_allocations(
    conn: Connection[Any], scope: Scope, contour: str, since: date | None, as_of: date
) -> list[CardAllocation]:
    """The allocations of the period's facts, in the order in which lots were used."""
    cursor = conn.cursor(row_factory=args_row(CardAllocation))
    cursor.execute(
        f"""select a.key_id, a.document_id, a.line, d.key, d.kind, d.number, d.date, a.lot_line, a.amount, a.lot_book,
                   a.own_book - a.lot_book, a.rule
            from fold_key k
            join allocation a on a.unit_id = k.unit_id and a.key_id = k.id and a.moment >= %(first)s and a.moment < %(before)s
            join document d on d.unit_id = a.unit_id and d.id = a.lot_document_id
            join lot l on l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id
                      and l.line = a.lot_line
            where {_keys(scope, contour)}
            order by a.moment, a.document_id, a.line, a.rule, l.rank, a.lot_document_id, a.lot_line""",
        {**scope.parameters(), **moments(since, as_of)},
    )
    return cursor.fetchall()


def act_lines(
    conn: Connection[Any], scope: Scope, contour: str, since: date | None, as_of: date, *, by_contract: bool,
    show_internal: bool,
) -> list[ActLine]:
    """Our side of an act: one row per document. What a document both adds and takes inside one counterparty (or contract) is
    internal: shown net, and hidden when nothing is left, unless `show_internal` (spec 6.5). Loans are not part of an act."""
    contract = "coalesce(ct.number, '')" if by_contract else "''"
    internal = "" if show_internal else "where debit <> credit"
    net = "debit, credit" if show_internal else "greatest(debit - credit, 0), greatest(credit - debit, 0)"
    cursor = conn.cursor(row_factory=args_row(ActLine))
    cursor.execute(
        f"""select organization, counterparty, contract, currency, key, kind, number, date, {net} from (
              select o.name as organization, cp.name as counterparty, {contract} as contract, k.currency, d.key, d.kind,
                     d.number, d.date, f.moment, f.document_id,
                     coalesce(sum(f.change) filter (where f.change > 0), 0)::bigint as debit,
                     coalesce(-sum(f.change) filter (where f.change < 0), 0)::bigint as credit
              from fold_key k {_KEY_NAMES} {_facts(contour)}
              where {_keys(scope, contour)} and not starts_with(k.relation, 'loan')
              group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) summed {internal}
            order by organization, counterparty, contract, currency, moment, document_id""",
        {**scope.parameters(), **moments(since, as_of)},
    )
    return cursor.fetchall()


def act_balances(
    conn: Connection[Any], scope: Scope, contour: str, since: date | None, as_of: date, *, by_contract: bool
) -> list[ActBalance]:
    """Opening and closing balance of every part of an act."""
    contract = "coalesce(ct.number, '')" if by_contract else "''"
    opening = lots_at(scope, contour, name="first")
    cursor = conn.cursor(row_factory=args_row(ActBalance))
    cursor.execute(
        f"""select o.name, cp.name, {contract}, k.currency, sum(s.opening)::bigint, sum(s.closing)::bigint
            from (select unit_id, key_id, residual_then as opening, 0 as closing from ({opening}) at_first
                  union all
                  select unit_id, key_id, 0, residual_then from ({lots_at(scope, contour)}) at_last) s
            join fold_key k on k.unit_id = s.unit_id and k.id = s.key_id {_KEY_NAMES}
            where not starts_with(k.relation, 'loan')
            group by 1, 2, 3, 4 order by 1, 2, 3, 4""",
        {**scope.parameters(), **moments(since, as_of)},
    )
    return cursor.fetchall()


def act_parties(conn: Connection[Any], scope: Scope) -> list[tuple[str, str, str]]:
    """(organization, counterparty, book currency) that an act could be between, whether they have dealt or not."""
    cursor = conn.execute(
        """select distinct o.name, cp.name, o.book_currency
           from unit u join organization o on o.id = u.organization_id cross join counterparty cp
           where u.id = any(%(scope_units)s)
             and (cp.id = any(%(scope_counterparties)s) or cardinality(%(scope_counterparties)s::bigint[]) = 0)
             and (cardinality(%(scope_contracts)s::bigint[]) = 0 or exists (
               select from contract ct where ct.id = any(%(scope_contracts)s) and ct.counterparty_id = cp.id
                 and ct.organization_id = o.id))
           order by 1, 2, 3""",
        scope.parameters(),
    )
    return cursor.fetchall()
