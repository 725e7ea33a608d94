"""What the books say of a loan: its terms, every change of what is owed on it, its interest documents (spec 2.10).

A loan is a contract with terms (parties/loan_rows.py) in a unit. Where both contours have its principal, the regulated one counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.core.interest import Moved
from setoff.core.moment import day_of
from setoff.parties.loan_rows import LoanTerms, terms_of
from setoff.parties.records import Loan
from setoff.trade.documents import LoanInterest, Payment
from setoff.trade.payment_fields import LOAN_PAYMENTS, LOANS_MADE
from setoff.trade.queries import decode_document
from setoff.trade.terms import LOAN_PARTS, debt_sign

LOANS_SQL: Final = """
  select loan.terms, contract.id, contract.code, contract.number, contract.relation, contract.currency,
         contract.payment_currency, contract.bank_account,
         counterparty.id, counterparty.code, counterparty.name, unit.id, unit.code, organization.book_currency,
         organization.chart, coalesce(contract.debt_account, '')
  from loan join contract on contract.id = loan.contract_id join counterparty on counterparty.id = contract.counterparty_id
  join organization on organization.id = loan.organization_id join unit on unit.organization_id = organization.id
  where (%(units)s::bigint[] is null or unit.id = any(%(units)s)) and (%(codes)s::text[] is null or loan.code = any(%(codes)s))
    and (%(untouched)s or exists (
      select from node where node.counterparty_id = contract.counterparty_id and node.contract_id = contract.id and node.unit_id = unit.id))
  order by unit.code, contract.code"""
CHANGES_SQL: Final = """
  select node.contract_id, node.unit_id, node.relation, fact.moment, fact.change, fact.reg_key_id is not null, fact.mgmt_key_id is not null,
         document.id, document.kind, document.key, document.number
  from node
  join fact on fact.unit_id = node.unit_id and fact.node_id = node.id
   and (fact.reg_key_id = node.reg_key_id or fact.mgmt_key_id = node.mgmt_key_id)
  cross join lateral (
    select * from document where unit_id = fact.unit_id and id = fact.document_id and posted_version_id = fact.version_id offset 0) document
  where node.unit_id = any(%(units)s) and node.counterparty_id = any(%(parties)s) and node.contract_id = any(%(contracts)s)
    and node.relation = any(%(relations)s)
  order by fact.moment, fact.line"""
PAYMENTS_SQL: Final = """
  select document.contract_id, document.unit_id, document.moment, document.id, document.key, version.content
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.contract_id = any(%(contracts)s) and document.unit_id = any(%(units)s) and document.kind = any(%(kinds)s)
  order by document.moment"""
PAPERS_SQL: Final = """
  select document.contract_id, document.unit_id, document.moment, document.id, document.key, document.number, version.content
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.contract_id = any(%(contracts)s) and document.unit_id = any(%(units)s) and document.kind = 'loan_interest'
  order by document.moment"""
LOTS_SQL: Final = """
  select k.contract_id, k.unit_id, k.contour, l.moment, l.rank, l.due, abs(l.amount), coalesce(used.uses, '{}')
  from fold_key k join lot l on l.unit_id = k.unit_id and l.key_id = k.id
  left join lateral (
    select array_agg(array[a.moment, a.amount]) as uses from allocation a
    where a.unit_id = l.unit_id and a.key_id = l.key_id and a.lot_document_id = l.document_id and a.lot_line = l.line) used on true
  where k.unit_id = any(%(units)s) and k.counterparty_id = any(%(parties)s) and k.contract_id = any(%(contracts)s)
    and k.relation = any(%(principal)s) and (l.amount < 0) = is_owed_by_us(k.relation)
  order by l.due nulls last, l.rank, l.line"""
RELATIONS: Final = sorted(relation for parts in LOAN_PARTS.values() for relation in parts.values())
PRINCIPAL: Final = sorted(LOAN_PARTS)
PART_OF: Final = {relation: part for parts in LOAN_PARTS.values() for part, relation in parts.items()}


class Change(NamedTuple):
    """A change of what is owed: `part` costs, interest or principal; `amount` in minor units, above zero where the debt grows."""

    part: str
    moment: int
    amount: int
    in_reg: bool
    in_mgmt: bool
    document_id: int
    kind: str
    key: str
    number: str

    @property
    def day(self) -> date:
        return day_of(self.moment)


class Paper(NamedTuple):
    """A posted interest document."""

    moment: int
    document_id: int
    key: str
    number: str
    document: LoanInterest
    first: date
    last: date


class Lot(NamedTuple):
    """An open item of the principal: due on `day` (or, where nothing says so, made on it). `uses`: (moment, amount) of what settled it."""

    moment: int
    day: date
    amount: int
    uses: tuple[tuple[int, int], ...]

    def left(self, before: int) -> int:
        """What is open of it just before a moment."""
        if self.moment >= before:
            return 0
        return self.amount - sum(amount for moment, amount in self.uses if moment < before)


class Split(NamedTuple):
    """A posted payment whose parts, or whose instalments, are computed."""

    moment: int
    document_id: int
    key: str
    document: Payment


class LoanBook(NamedTuple):
    """A loan in a unit, and what happened to it, in the order of the books. `contours`: those that have its principal; `account`: that of
    the contract, empty where it is the chart's."""

    terms: LoanTerms
    contract_id: int
    contract: str
    contract_number: str
    relation: str
    currency: str
    payment_currency: str
    bank_account: str
    counterparty_id: int
    counterparty: str
    counterparty_name: str
    unit_id: int
    unit: str
    book_currency: str
    changes: tuple[Change, ...] = ()
    papers: tuple[Paper, ...] = ()
    contours: tuple[str, ...] = ()
    splits: tuple[Split, ...] = ()
    lots: tuple[Lot, ...] = ()
    chart: str = ""
    account: str = ""

    @property
    def is_granted(self) -> bool:
        return self.relation == "loan_granted"

    def moves(self, before: int | None = None) -> list[Moved]:
        """How the principal changed by day and document, of what happened before a moment; what only gives it other days is no change."""
        sums: dict[int, int] = defaultdict(int)
        for change in self.changes:
            if change.part == "principal" and (before is None or change.moment < before):
                sums[change.moment] += change.amount
        return [Moved(day_of(moment), amount) for moment, amount in sums.items() if amount]

    def due(self, before: int) -> list[tuple[date, int]]:
        """What is open of the principal just before a moment, by the day it is due, ascending."""
        return [(lot.day, left) for lot in self.lots if (left := lot.left(before))]

    def owed(self, part: str, before: int | None = None) -> int:
        """What documents leave owed of a part, below zero where more was paid."""
        return sum(change.amount for change in self.changes if change.part == part and (before is None or change.moment < before))


def loan_books(
    conn: psycopg.Connection[Any],
    units: Iterable[int] | None = None,
    codes: Iterable[str] | None = None,
    *,
    untouched: bool = False,
    with_splits: bool = True,
) -> list[LoanBook]:
    """The loans of units, by unit and contract; `codes` of contracts; those that nothing was ever posted on where `untouched`. Payments
    are not read where they are not asked for (`with_splits`)."""
    given = {
        "units": None if units is None else sorted(units), "codes": None if codes is None else sorted(codes), "untouched": untouched,
    }  # fmt: skip
    found = [_book(*row) for row in conn.execute(LOANS_SQL, given)]
    if not found:
        return []
    asked = {
        "units": sorted({book.unit_id for book in found}), "contracts": sorted({book.contract_id for book in found}),
        "parties": sorted({book.counterparty_id for book in found}), "relations": RELATIONS,
        "principal": PRINCIPAL,
    }  # fmt: skip
    changes: dict[tuple[int, int], list[Change]] = {}
    for contract_id, unit_id, relation, moment, change, *rest in conn.execute(CHANGES_SQL, asked):
        said = Change(PART_OF[relation], moment, debt_sign(relation) * change, *rest)
        changes.setdefault((contract_id, unit_id), []).append(said)
    papers: dict[tuple[int, int], list[Paper]] = {}
    for contract_id, unit_id, moment, document_id, key, number, content in conn.execute(PAPERS_SQL, asked):
        papers.setdefault((contract_id, unit_id), []).append(_paper(moment, document_id, key, number, content))
    splits: dict[tuple[int, int], list[Split]] = {}
    kinds = sorted(LOAN_PAYMENTS | LOANS_MADE)
    payments = conn.execute(PAYMENTS_SQL, asked | {"kinds": kinds}) if with_splits else ()
    for contract_id, unit_id, moment, document_id, key, content in payments:
        document = decode_document(content)
        if isinstance(document, Payment) and is_computed(document):
            splits.setdefault((contract_id, unit_id), []).append(Split(moment, document_id, key, document))
    lots: dict[tuple[int, int, str], list[Lot]] = {}
    for contract_id, unit_id, contour, moment, rank, due, amount, uses in conn.execute(LOTS_SQL, asked):
        lot = Lot(moment, due or day_of(rank), amount, tuple((at, used) for at, used in uses))
        lots.setdefault((contract_id, unit_id, contour), []).append(lot)
    return [
        _with(book, changes.get((book.contract_id, book.unit_id), []), papers)._replace(
            splits=tuple(splits.get((book.contract_id, book.unit_id), ())),
            lots=tuple(sorted(_of_one_contour(lots, book), key=lambda lot: (lot.day, lot.moment))),
        )
        for book in found
    ]


def is_computed(payment: Payment) -> bool:
    """Whether the parts of a payment of a loan, or the instalments of its money, are those of the law and of the terms."""
    return bool(payment.split) or (payment.kind in LOANS_MADE and not (payment.rows or payment.stages or payment.targets))


def _of_one_contour(lots: Mapping[tuple[int, int, str], list[Lot]], book: LoanBook) -> list[Lot]:
    """The lots of management, else the regulated ones."""
    return lots.get((book.contract_id, book.unit_id, "mgmt")) or lots.get((book.contract_id, book.unit_id, "reg")) or []


def _book(terms: dict[str, Any], contract_id: int, code: str, number: str, relation: str, currency: str, *rest: Any) -> LoanBook:
    record = msgspec.convert({"type": "loan", "code": code, **terms}, Loan)
    *facts, chart, account = rest
    book = LoanBook(terms_of(record, currency), contract_id, code, number, relation, currency, *facts)
    return book._replace(chart=chart, account=account)


def _paper(moment: int, document_id: int, key: str, number: str, content: str) -> Paper:
    document = decode_document(content)
    assert isinstance(document, LoanInterest)
    return Paper(moment, document_id, key, number, document, date.fromisoformat(document.first), date.fromisoformat(document.last))


def _with(book: LoanBook, changes: Sequence[Change], papers: dict[tuple[int, int], list[Paper]]) -> LoanBook:
    principal = [change for change in changes if change.part == "principal"]
    in_reg, in_mgmt = any(change.in_reg for change in principal), any(change.in_mgmt for change in principal)
    kept = tuple(change for change in changes if (change.in_reg if in_reg else change.in_mgmt))
    contours = tuple(name for name, there in (("reg", in_reg), ("mgmt", in_mgmt)) if there)
    return book._replace(changes=kept, papers=tuple(papers.get((book.contract_id, book.unit_id), ())), contours=contours)
