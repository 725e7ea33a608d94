"""Reads of one document: its head, its postings with the names of accounts and analytics, the documents tied to it by a base, and
the documents of its day.

What its facts did in the contours is told by explanation.py, its versions by history.py. SQL names tables without a schema.
"""

from __future__ import annotations

import datetime
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.queries import OBJECT_NAME

DAY_LIMIT: Final = 200


class DocumentHead(NamedTuple):
    """A document as it stands. `content` is what its newest version says; `base` the key of the document it corrects;
    `closed_until` the first day that is open, when the document's day is closed."""

    id: int
    unit_id: int
    key: str
    kind: str
    number: str
    date: datetime.date
    day_order: int
    unit: str
    unit_name: str
    organization: str
    book_currency: str
    counterparty: str
    counterparty_name: str
    contract: str
    contract_number: str
    currency: str
    total: int
    status: str
    deletion_mark: bool
    version_id: int
    version_no: int
    content: str
    recorded_at: datetime.datetime
    author: str
    base: str
    closed_until: datetime.date | None


class PostingLine(NamedTuple):
    """A posting as a ledger shows it. Analytics are empty on an account that holds no settlements. `date`: that of its document, but for a
    revaluation and for VAT at the end of a window."""

    line: int
    date: datetime.date
    kind: str
    debit: str
    debit_name: str
    debit_party: str
    debit_contract: str
    debit_object: str
    credit: str
    credit_name: str
    credit_party: str
    credit_contract: str
    credit_object: str
    amount: int
    currency: str
    settlement_amount: int | None
    settlement_currency: str
    vat_rate: str
    item: str


class Relative(NamedTuple):
    """Another document: `id`, its names, how it stands."""

    id: int
    key: str
    kind: str
    number: str
    date: datetime.date
    day_order: int
    total: int
    currency: str
    status: str
    counterparty_name: str


HEAD_SQL: Final = """
  select d.id, d.unit_id, d.key, d.kind, d.number, d.date, ((d.moment >> 34) & 511)::int, u.code, u.name, o.name, o.book_currency,
         coalesce(cp.code, ''), coalesce(cp.name, ''), coalesce(ct.code, ''), coalesce(ct.number, ''), d.currency, d.total, d.status,
         d.deletion_mark, d.version_id, v.version_no, v.content, v.recorded_at, v.author, coalesce(base_of(v.content), ''),
         case when d.moment < closed_until(d.unit_id) then moment_date(closed_until(d.unit_id)) end
  from document d join version v on v.unit_id = d.unit_id and v.id = d.version_id
  join unit u on u.id = d.unit_id join organization o on o.id = u.organization_id
  left join counterparty cp on cp.id = d.counterparty_id left join contract ct on ct.id = d.contract_id
  where d.id = %(id)s"""
RELATIVE_COLUMNS: Final = """d.id, d.key, d.kind, d.number, d.date, ((d.moment >> 34) & 511)::int, d.total, d.currency, d.status,
         coalesce(cp.name, '')"""


def document_head(conn: Connection[Any], document_id: int) -> DocumentHead:
    """Errors: unknown_reference, also where the person may not see it."""
    row = conn.execute(HEAD_SQL, {"id": document_id}).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=str(document_id))
    return DocumentHead._make(row)


def posting_lines(conn: Connection[Any], head: DocumentHead, language: str) -> list[PostingLine]:
    """The document's postings in their order."""
    sides = {
        side: (
            f"coalesce({side[0]}p.name, ''), coalesce({side[0]}t.number, ''), "
            f"coalesce({OBJECT_NAME.replace('k.', side[0] + 'n.')}, '')"
        )
        for side in ("debit", "credit")
    }
    names = " ".join(
        f"""left join node {s}n on {s}n.unit_id = p.unit_id and {s}n.id = p.{side}_node_id
        left join counterparty {s}p on {s}p.id = {s}n.counterparty_id left join contract {s}t on {s}t.id = {s}n.contract_id"""
        for side, s in (("debit", "d"), ("credit", "c"))
    )
    cursor = conn.cursor(row_factory=args_row(PostingLine))
    cursor.execute(
        f"""select p.line, moment_date(p.moment), p.kind, da.code, coalesce(da.names->>%(language)s, da.code), {sides["debit"]},
                   ca.code, coalesce(ca.names->>%(language)s, ca.code), {sides["credit"]},
                   p.amount, %(book)s, p.settlement_amount, coalesce(dn.currency, cn.currency, ''), p.vat_rate, p.item
            from posting p join account da on da.id = p.debit_account_id join account ca on ca.id = p.credit_account_id {names}
            where p.unit_id = %(unit)s and p.document_id = %(id)s order by p.line""",
        {"unit": head.unit_id, "id": head.id, "language": language, "book": head.book_currency},
    )
    return cursor.fetchall()


def corrections_of(conn: Connection[Any], key: str) -> list[Relative]:
    """The documents that name this one as their base, in the total order."""
    return _relatives(
        conn,
        f"""select {RELATIVE_COLUMNS} from corrections_naming(%(keys)s) v
            join document d on d.unit_id = v.unit_id and d.id = v.document_id and d.version_id = v.version_id
            left join counterparty cp on cp.id = d.counterparty_id order by d.moment""",
        {"keys": [key]},
    )


def document_of_key(conn: Connection[Any], key: str) -> Relative | None:
    """The document of a key, as a relative."""
    sql = f"select {RELATIVE_COLUMNS} from document d left join counterparty cp on cp.id = d.counterparty_id where d.key = %(key)s"
    return next(iter(_relatives(conn, sql, {"key": key})), None)


def documents_of_day(conn: Connection[Any], head: DocumentHead) -> list[Relative]:
    """The documents of the same unit and day in their order: of the same counterparty where it has one; the first 200."""
    party = "and cp.code = %(party)s" if head.counterparty else ""
    return _relatives(
        conn,
        f"""select {RELATIVE_COLUMNS} from document d left join counterparty cp on cp.id = d.counterparty_id
            where d.unit_id = %(unit)s and d.moment >= start_of(%(day)s) and d.moment < end_of(%(day)s) {party}
            order by d.moment limit {DAY_LIMIT}""",
        {"unit": head.unit_id, "day": head.date, "party": head.counterparty},
    )


def _relatives(conn: Connection[Any], sql: str, parameters: dict[str, Any]) -> list[Relative]:
    cursor = conn.cursor(row_factory=args_row(Relative))
    cursor.execute(sql, parameters)
    return cursor.fetchall()
