"""Why each amount of a document went where it did: what `setoff explain` reads.

A fact used lots (by which rule), opened a lot with the rest, and later documents used that lot. All of it is stored with the
allocations; nothing is guessed. What an earlier edit moved is told by history.py.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Rule
from setoff.settlements.queries import OBJECT_NAME


class Subject(NamedTuple):
    """The document explained."""

    id: int
    unit_id: int
    key: str
    kind: str
    number: str
    date: datetime.date
    unit: str
    counterparty: str
    status: str
    total: int
    currency: str
    book_currency: str


class Use(NamedTuple):
    """A part of a lot used: `key` .. `date` name the other document (the lot's, or the later one that used it). `difference`:
    own value less carrying value, book currency. Of a revaluation, which uses nothing (spec 2.7): what was `left` of the lot, what that
    was worth, both positive, and the rate, for how many units."""

    key: str
    kind: str
    number: str
    date: datetime.date
    line: int
    amount: int
    difference: int
    rule: int
    left: int = 0
    worth: int = 0
    rate: str = ""
    nominal: str = ""


class FactStory(NamedTuple):
    """A fact in one contour. `opened` and `residual` are signed as the fact; `demoted`: what was cut off its targets."""

    contour: str
    key_id: int
    line: int
    label: str
    counterparty: str
    contract: str
    object: str
    relation: str
    currency: str
    change: int
    due: datetime.date | None
    opened: int
    residual: int
    demoted: int
    uses: tuple[Use, ...]
    users: tuple[Use, ...]


class Posting(NamedTuple):
    debit: str
    credit: str
    amount: int
    kind: str


WAS_SQL: Final = """
  select abs(l.amount) - coalesce(sum(before.amount), 0)::int8 as left_of, abs(l.book) - coalesce(sum(before.lot_book), 0)::int8 as worth,
         min(said.value ->> 'rate') as rate, min(coalesce(said.value ->> 'nominal', '1')) as nominal
  from lot l
  join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
  join version v on v.unit_id = d.unit_id and v.id = d.posted_version_id
  cross join lateral jsonb_array_elements(v.content::jsonb -> 'rates') said
  left join allocation before on before.key_id = l.key_id and before.lot_document_id = l.document_id and before.lot_line = l.line
   and before.moment < a.moment
  where l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line
    and said.value ->> 'currency' = k.currency
  group by l.amount, l.book"""
"""What the lot of the allocation `a` was before the revaluation `d`, and its rate."""


def subjects(conn: Connection[Any], name: str) -> list[Subject]:
    """The document with this key; or those with this number, in the total order. Errors: unknown_reference."""
    cursor = conn.cursor(row_factory=args_row(Subject))
    cursor.execute(
        """select d.id, d.unit_id, d.key, d.kind, d.number, d.date, u.code, coalesce(cp.name, ''), d.status, d.total, d.currency,
                  o.book_currency
           from document d join unit u on u.id = d.unit_id join organization o on o.id = u.organization_id
           left join counterparty cp on cp.id = d.counterparty_id
           where d.key = %(name)s or (d.number = %(name)s and not exists (select 1 from document x where x.key = %(name)s))
           order by d.moment, d.id""",
        {"name": name},
    )
    found = cursor.fetchall()
    if not found:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=name, field="document")
    return found


def fact_stories(conn: Connection[Any], document: Subject) -> list[FactStory]:
    """Its facts in force, the regulated contour first, by line. A document that is not posted has none."""
    parameters = {"unit": document.unit_id, "document": document.id}
    uses, users = _uses(conn, parameters), _users(conn, parameters)
    rows = conn.execute(
        f"""select k.contour, k.id, f.line, f.label, cp.name, coalesce(ct.number, ''), {OBJECT_NAME}, k.relation, k.currency,
                   f.change, f.due, coalesce(l.amount, 0), coalesce(l.residual, 0),
                   coalesce((select sum(t.demoted) from fact_target t where t.unit_id = f.unit_id and t.version_id = f.version_id
                             and t.line = f.line), 0)::bigint
            from document d
            join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id
            join fold_key k on k.unit_id = f.unit_id and k.id in (f.reg_key_id, f.mgmt_key_id)
            join counterparty cp on cp.id = k.counterparty_id left join contract ct on ct.id = k.contract_id
            left join lot l on l.unit_id = f.unit_id and l.key_id = k.id and l.document_id = f.document_id and l.line = f.line
            where d.unit_id = %(unit)s and d.id = %(document)s
            order by k.contour desc, f.line""",
        parameters,
    )
    return [
        FactStory._make((*row, tuple(uses.get((row[1], row[2]), ())), tuple(users.get((row[1], row[2]), ())))) for row in rows
    ]


Uses = dict[tuple[int, int], list[Use]]  # (key, line of the explained document)


def _uses(conn: Connection[Any], parameters: dict[str, int]) -> Uses:
    """Lots that its facts used, in the order of use."""
    found: Uses = defaultdict(list)
    rows = conn.execute(
        """select a.key_id, a.line, d.key, d.kind, coalesce(nullif(f.label, ''), d.number), moment_date(l.rank), a.lot_line, a.amount,
                  a.own_book - a.lot_book, a.rule
           from document own
           join fact mine on mine.unit_id = own.unit_id and mine.version_id = own.posted_version_id
           join allocation a on a.unit_id = own.unit_id and a.key_id in (mine.reg_key_id, mine.mgmt_key_id)
                            and a.document_id = own.id and a.line = mine.line
           join lot l on l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line
           join document d on d.unit_id = a.unit_id and d.id = a.lot_document_id
           left join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = a.lot_line
           where own.unit_id = %(unit)s and own.id = %(document)s
           order by a.line, a.rule, l.rank, a.lot_document_id, a.lot_line""",
        parameters,
    )
    for key_id, line, *use in rows:
        found[key_id, line].append(Use(*use))
    return found


def _users(conn: Connection[Any], parameters: dict[str, int]) -> Uses:
    """Later facts that used its lots, in the total order."""
    found: Uses = defaultdict(list)
    rows = conn.execute(
        f"""select a.key_id, a.lot_line, d.key, d.kind, d.number, d.date, a.line, a.amount, a.own_book - a.lot_book, a.rule,
                  coalesce(was.left_of, 0), coalesce(was.worth, 0), coalesce(was.rate, ''), coalesce(was.nominal, '')
           from document own
           join fact mine on mine.unit_id = own.unit_id and mine.version_id = own.posted_version_id
           join allocation a on a.unit_id = own.unit_id and a.key_id in (mine.reg_key_id, mine.mgmt_key_id)
                            and a.lot_document_id = own.id and a.lot_line = mine.line
           join document d on d.unit_id = a.unit_id and d.id = a.document_id
           left join lateral ({WAS_SQL}) was on a.rule = {Rule.REVALUED:d}
           where own.unit_id = %(unit)s and own.id = %(document)s
           order by a.moment, a.document_id, a.line""",
        parameters,
    )
    for key_id, line, *use in rows:
        found[key_id, line].append(Use(*use))
    return found


def document_postings(conn: Connection[Any], document: Subject) -> list[Posting]:
    cursor = conn.cursor(row_factory=args_row(Posting))
    cursor.execute(
        """select da.code, ca.code, p.amount, p.kind from posting p
           join account da on da.id = p.debit_account_id join account ca on ca.id = p.credit_account_id
           where p.unit_id = %(unit)s and p.document_id = %(document)s order by p.line""",
        {"unit": document.unit_id, "document": document.id},
    )
    return cursor.fetchall()
