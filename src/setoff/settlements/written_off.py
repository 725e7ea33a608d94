"""What was written off, read from the posted documents: the memo list of debts (spec 2.11), and the expenses that adjustments, the
reserve and interest of loans make (the expense report of management).

Both contours have the same facts, so an expense of one is that of the other unless a document is of one contour alone.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.charts import load_chart
from setoff.books.scope import Scope
from setoff.core.moment import end_of, start_of
from setoff.core.money import parse_amount
from setoff.trade.documents import DebtAdjustment, DoubtfulReserve, LoanInterest
from setoff.trade.doubtful import debtor_of
from setoff.trade.queries import decode_document
from setoff.trade.write_off import years_after

KEPT_YEARS: Final = 5
"""So long a debt written off is watched, for the debtor may have money again (PBU 34n, item 77)."""
STATED_SQL: Final = """
  select document.id, document.key, document.kind, document.number, document.date, document.unit_id, unit.code, organization.chart,
         organization.book_currency, version.content, reversed.content
  from document
  join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  cross join lateral (select version.content::jsonb ->> 'reverses' as key offset 0) said
  left join lateral (select unit_id, posted_version_id from document original where original.key = said.key offset 0) original on true
  left join version reversed on reversed.unit_id = original.unit_id and reversed.id = original.posted_version_id
  where document.unit_id = any(%(scope_units)s) and document.kind = any(%(kinds)s) and document.status = 'posted'
    and document.moment >= %(first)s and document.moment < %(before)s
  order by document.moment, document.id"""
"""The key of what is reversed is made first and then looked up: compared within a join it cannot use the index under row-level security."""
FACTS_SQL: Final = """
  select fact.document_id, fact.line, fact.change, fact.book, fact.reg_key_id is not null, fact.mgmt_key_id is not null,
         node.counterparty_id, counterparty.code, counterparty.name, coalesce(node.contract_id, 0), coalesce(contract.number, ''),
         coalesce(contract.code, '')
  from document join fact on fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id
  join node on node.unit_id = fact.unit_id and node.id = fact.node_id
  join counterparty on counterparty.id = node.counterparty_id left join contract on contract.id = node.contract_id
  where document.id = any(%s) order by fact.document_id, fact.line"""
WORTH_SQL: Final = """
  select fact.document_id,
         (select coalesce(sum(abs(l.book)), 0)::bigint from lot l
          where l.unit_id = fact.unit_id and l.key_id = key.id and l.document_id = fact.document_id and l.line = fact.line)
         + (select coalesce(sum(a.lot_book), 0)::bigint from allocation a
            where a.unit_id = fact.unit_id and a.key_id = key.id and a.document_id = fact.document_id and a.line = fact.line)
  from document join fact on fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id
  cross join lateral (select case when %s then fact.reg_key_id else fact.mgmt_key_id end as id) key
  where document.id = any(%s) and key.id is not null"""
"""What a document is worth as it was folded: what was paid before it, in foreign currency, at the value that it had."""
RECOVERED_SQL: Final = """
  select version.content::jsonb ->> 'written_off', document.counterparty_id,
         sum((select sum(posting.amount) from posting
              where posting.unit_id = document.unit_id and posting.document_id = document.id))::bigint,
         max(document.date)
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.counterparty_id = any(%(parties)s) and document.kind = 'other_in' and document.status = 'posted'
    and document.moment < %(before)s and version.content::jsonb ->> 'written_off' = any(%(keys)s)
  group by 1, 2"""
REVERSED_SQL: Final = """
  select version.content::jsonb ->> 'reverses', document.date
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.unit_id = any(%(scope_units)s) and document.kind = 'debt_write_off' and document.status = 'posted'
    and document.moment < %(before)s and version.content::jsonb ? 'reverses'"""


class Stated(NamedTuple):
    """A posted document with what its words are: those of what it reverses, for a reversal."""

    id: int
    key: str
    kind: str
    number: str
    date: datetime.date
    unit_id: int
    unit: str
    chart: str
    book_currency: str
    content: str
    reversed_content: str | None


class FactLine(NamedTuple):
    document_id: int
    line: int
    change: int
    book: int
    in_reg: bool
    in_mgmt: bool
    counterparty_id: int
    counterparty_code: str
    counterparty: str
    contract_id: int
    contract: str
    contract_code: str


class WrittenOff(NamedTuple):
    """The debts of a party written off by one document. `returned`: what it paid after all; `state`: kept, paid, ended (the five years are
    over) or reversed. Minor units of book currency."""

    unit: str
    memo: str
    counterparty: str
    contract: str
    key: str
    kind: str
    number: str
    date: datetime.date
    reason: str
    paper: str
    amount: int
    kept_until: datetime.date
    returned: int
    left: int
    state: str
    currency: str


class Expense(NamedTuple):
    """What an adjustment, the reserve or a loan made an expense (+) or an income (-), with its analytics."""

    unit: str
    item: str
    department: str
    analytics: str
    account: str
    key: str
    kind: str
    number: str
    date: datetime.date
    counterparty: str
    amount: int
    currency: str


def _stated(
    conn: psycopg.Connection[Any], scope: Scope, kinds: list[str], first: datetime.date | None, last: datetime.date
) -> list[Stated]:
    names = {**scope.parameters(), "kinds": kinds, "first": start_of(first) if first else -(1 << 62), "before": end_of(last)}
    return [Stated._make(row) for row in conn.execute(STATED_SQL, names)]


def _facts_of(conn: psycopg.Connection[Any], documents: list[Stated]) -> dict[int, list[FactLine]]:
    found: dict[int, list[FactLine]] = defaultdict(list)
    for row in conn.execute(FACTS_SQL, [[document.id for document in documents]]):
        fact = FactLine._make(row)
        found[fact.document_id].append(fact)
    return found


def _in_scope(fact: FactLine, scope: Scope) -> bool:
    return (not scope.counterparties or fact.counterparty_id in scope.counterparties) and (
        not scope.contracts or fact.contract_id in scope.contracts
    )


def written_off(conn: psycopg.Connection[Any], scope: Scope, day: datetime.date) -> list[WrittenOff]:
    """Receivables and advances paid that were written off in the regulated contour by the end of a day, oldest first."""
    documents = [found for found in _stated(conn, scope, ["debt_write_off"], None, day) if found.reversed_content is None]
    facts = _facts_of(conn, documents)
    names = {**scope.parameters(), "before": end_of(day), "keys": [document.key for document in documents]}
    names["parties"] = sorted({fact.counterparty_id for rows in facts.values() for fact in rows})
    paid = {(key, party): amount for key, party, amount, _day in conn.execute(RECOVERED_SQL, names)}
    gone = {key for key, _day in conn.execute(REVERSED_SQL, names)}
    rows = []
    for document in documents:
        said = decode_document(document.content)
        assert isinstance(said, DebtAdjustment)
        by_party: dict[int, list[FactLine]] = defaultdict(list)
        for fact in facts[document.id]:
            if fact.in_reg and fact.change < 0 and _in_scope(fact, scope):
                by_party[fact.counterparty_id].append(fact)
        for party, lines in by_party.items():
            amount = sum(-fact.book for fact in lines)
            returned = paid.get((document.key, party), 0)
            until = years_after(document.date, KEPT_YEARS)
            left = max(amount - returned, 0)
            state = "reversed" if document.key in gone else "paid" if not left else "ended" if day > until else "kept"
            rows.append(
                WrittenOff(
                    document.unit, load_chart(document.chart).written_off_memo, lines[0].counterparty,
                    ", ".join(sorted({fact.contract for fact in lines} - {""})), document.key, document.kind, document.number,
                    document.date, said.reason, said.reason_document, amount, until, returned, left if state == "kept" else 0, state,
                    document.book_currency,
                )
            )  # fmt: skip
    return rows


def expenses(conn: psycopg.Connection[Any], scope: Scope, contour: str, first: datetime.date | None, last: datetime.date) -> list[Expense]:
    """Expenses and incomes of write-offs, accruals, the reserve and interest of loans in a contour, in the order of their documents."""
    documents = _stated(conn, scope, ["debt_write_off", "debt_accrual", "doubtful_reserve", "loan_interest"], first, last)
    facts = _facts_of(conn, documents)
    interest = [document.id for document in documents if document.kind == "loan_interest"]
    worth = dict(conn.execute(WORTH_SQL, [contour == "reg", interest]).fetchall()) if interest else {}
    rows: list[Expense] = []
    for document in documents:
        said = decode_document(document.reversed_content or document.content)
        if isinstance(said, DoubtfulReserve):
            rows += [] if scope.counterparties or contour not in said.contours else _of_reserve(document, said, _names(conn, said))
            continue
        lines = [fact for fact in facts[document.id] if (fact.in_reg if contour == "reg" else fact.in_mgmt)]
        if isinstance(said, DebtAdjustment):
            rows += [row for row in _of_adjustment(document, said, lines, scope) if row.amount]
        elif isinstance(said, LoanInterest):
            rows += [_of_interest(document, said, fact, worth[document.id]) for fact in lines if _in_scope(fact, scope)]
    return rows


def _of_interest(document: Stated, said: LoanInterest, fact: FactLine, worth: int) -> Expense:
    """What we owe for a loan is an expense, what is owed to us an income; its analytics is the contract, its department the unit."""
    role = "interest_income" if fact.change > 0 else "interest_expense"
    account = said.account or load_chart(document.chart).roles[role]
    return Expense(
        document.unit, said.item, document.unit, fact.contract, account, document.key, document.kind, document.number, document.date,
        fact.counterparty, worth if fact.change < 0 else -worth, document.book_currency,
    )  # fmt: skip


def _names(conn: psycopg.Connection[Any], said: DoubtfulReserve) -> dict[str, str]:
    """The names of its debtors by their codes."""
    codes = [row.counterparty for row in said.rows]
    return dict(conn.execute("select code, name from counterparty where code = any(%s)", [codes]).fetchall())


def _of_reserve(document: Stated, said: DoubtfulReserve, names: dict[str, str]) -> Iterator[Expense]:
    roles = load_chart(document.chart).roles
    for row in said.rows:
        accrued = bool(row.accrued)
        amount = parse_amount(row.accrued or row.released, document.book_currency)
        yield Expense(
            document.unit, said.item, said.department, debtor_of(row.counterparty, row.contract),
            roles["doubtful_expense" if accrued else "doubtful_income"], document.key, document.kind, document.number, document.date,
            names[row.counterparty], amount if accrued else -amount, document.book_currency,
        )  # fmt: skip


def _of_adjustment(document: Stated, said: DebtAdjustment, lines: list[FactLine], scope: Scope) -> Iterator[Expense]:
    """A fact towards a smaller claim or a larger liability is an expense; what the reserve bears of it was one before."""
    is_reversal = document.reversed_content is not None
    borne: dict[str, int] = defaultdict(int)
    for row in said.rows:
        if row.reserve:
            borne[debtor_of(row.counterparty, row.contract)] += parse_amount(row.reserve, document.book_currency)
    sign = -1 if is_reversal else 1
    for fact in lines:
        amount = -fact.book
        if said.kind == "write_off" and sign * amount > 0:
            debtor = debtor_of(fact.counterparty_code, fact.contract_code)
            taken = min(borne[debtor], sign * amount)
            borne[debtor] -= taken
            amount -= sign * taken
        if _in_scope(fact, scope):
            yield Expense(
                document.unit, said.item, said.department, said.analytics, said.account, document.key, document.kind, document.number,
                document.date, fact.counterparty, amount, document.book_currency,
            )  # fmt: skip
