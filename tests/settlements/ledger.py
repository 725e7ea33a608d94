"""A small ledger written straight in rows, for tests of what stands below the services: guards, seals, checks.

One unit, one buyer with one contract. January: sale 1 of 120.00 (gross, VAT 20.00), payment 2 of 100.00. February: payment 3 of
50.00, which closes the sale and leaves an advance of 30.00. Sound in every respect; a test breaks one thing.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from setoff.books.charts import account_id
from setoff.core.fact import Node
from setoff.core.moment import NEVER, Moment
from setoff.settlements.records import (
    AllocationRow,
    DocumentRow,
    EntryRow,
    FactRow,
    KeyRow,
    LotRow,
    NodeRow,
    PostingRow,
    TargetRow,
    TurnoverRow,
    VersionRow,
    facts_hash,
    insert_rows,
)

Connection = psycopg.Connection[Any]
UNIT: Final = 1
PLACE: Final = Node(UNIT, "buyer", 1, 1, "", "", "RUB")
NODE, REG_KEY, MGMT_KEY = PLACE.id(), PLACE.fold_key("reg").id(), PLACE.fold_key("mgmt").id()
BANK, RECEIVABLE, ADVANCE, REVENUE, VAT_ON_SALES, VAT = (
    account_id("ru", code) for code in ("51", "62.01", "62.02", "90.01", "90.03", "68.02")
)
MASTERS: Final = """
  insert into organization (id, code, name, chart, book_currency, tax_id, kpp, language)
    values (1, 'ROMASHKA', 'Romashka', 'ru', 'RUB', '', '', 'en');
  insert into unit (id, code, organization_id, name, kind)
    values (1, 'MSK', 1, 'Moscow', 'head_office'), (2, 'SPB', 1, 'Saint Petersburg', 'branch');
  insert into counterparty (id, code, name, tax_id, kpp, is_resident, is_person, language)
    values (1, 'VEGA', 'Vega', '', '', true, false, 'en');
  insert into contract (id, code, organization_id, counterparty_id, number, relation, currency, payment_currency,
                        date, detail, allocation, allocation_order, reg_detail, stages, debt_account, advance_account, status)
    values (1, 'BUYER', 1, 1, 'BUYER', 'buyer', 'RUB', '',
            '2025-01-01', 'contract', 'automatic', 'moment', 'contract', '[]', '', '', 'active');
"""
NODES: Final = [NodeRow(UNIT, NODE, "buyer", 1, 1, "", "", "RUB", REG_KEY, MGMT_KEY)]
KEYS: Final = [
    KeyRow(UNIT, REG_KEY, "reg", "buyer", 1, 1, "", "RUB", "moment", RECEIVABLE, ADVANCE),
    KeyRow(UNIT, MGMT_KEY, "mgmt", "buyer", 1, 1, "", "RUB", "moment", None, None),
]
SALE: Final = (
    '{"type":"sale","unit":"MSK","date":"2025-01-10","number":"1","counterparty":"VEGA","contract":"BUYER",'
    '"lines":[{"amount":"120.00","vat_rate":"20"}]}'
)


def payment_content(day: str, number: str, amount: str) -> str:
    return (
        f'{{"type":"payment","unit":"MSK","date":"{day}","number":"{number}","kind":"payment_from_customer","amount":"{amount}",'
        '"counterparty":"VEGA","contract":"BUYER"}'
    )


class Rows(NamedTuple):
    """The rows of one posted document, in the order in which they are written."""

    document: DocumentRow
    version: VersionRow
    entries: list[EntryRow]
    facts: list[FactRow]
    targets: list[TargetRow]
    lots: list[LotRow]
    allocations: list[AllocationRow]
    postings: list[PostingRow]
    turnovers: list[TurnoverRow]


def moment_of(document_id: int, day: date, day_order: int) -> int:
    return Moment(day, day_order, document_id).pack()


def said(
    document_id: int, kind: str, moment: int, day: date, content: str, total: int, fact: FactRow, entries: list[EntryRow]
) -> tuple[DocumentRow, VersionRow]:
    document = DocumentRow(
        UNIT, document_id, kind, str(document_id), day.year, f"{kind}/MSK/{day.year}/{document_id}", day, moment, "posted",
        False, 1, 1, "RUB", total, document_id, document_id,
    )  # fmt: skip
    version = VersionRow(
        UNIT, document_id, document_id, 1, datetime(2025, 3, 1, tzinfo=UTC), "tester", "post", True, moment, content,
        hashlib.sha256(content.encode()).digest(), facts_hash([fact], [], entries),
    )  # fmt: skip
    return document, version


def fact_row(document_id: int, moment: int, change: int, nature: int, own_value: bool) -> FactRow:
    return FactRow(
        UNIT, document_id, 1, document_id, moment, moment, NODE, REG_KEY, MGMT_KEY, nature, change, change, own_value, False,
        None, "",
    )  # fmt: skip


def sale(document_id: int = 1, day: date = date(2025, 1, 10), content: str = SALE) -> Rows:
    """A sale of 120.00 that opens a lot, still open."""
    moment = moment_of(document_id, day, 30)
    fact = fact_row(document_id, moment, 12_000, 2, own_value=False)
    entries = [
        EntryRow(UNIT, document_id, 1, 1, None, None, REVENUE, 12_000, 0, "20", ""),
        EntryRow(UNIT, document_id, 2, None, VAT_ON_SALES, None, VAT, 2_000, 1, "20", ""),
    ]
    lots = [
        LotRow(UNIT, key, document_id, 1, NODE, moment, moment, None, 12_000, 12_000, 12_000, 12_000, NEVER, NEVER)
        for key in (REG_KEY, MGMT_KEY)
    ]
    postings = [
        PostingRow(UNIT, document_id, 1, moment, "entry", RECEIVABLE, NODE, REVENUE, None, 12_000, 12_000, "20", ""),
        PostingRow(UNIT, document_id, 2, moment, "entry", VAT_ON_SALES, None, VAT, None, 2_000, None, "20", ""),
    ]
    month = day.replace(day=1)
    turnovers = [TurnoverRow(UNIT, month, RECEIVABLE, REVENUE, 12_000), TurnoverRow(UNIT, month, VAT_ON_SALES, VAT, 2_000)]
    document, version = said(document_id, "sale", moment, day, content, 12_000, fact, entries)
    return Rows(document, version, entries, [fact], [], lots, [], postings, turnovers)


def payment(document_id: int, day: date, amount: int, *, pays: LotRow | None = None, part: int = 0) -> Rows:
    """A payment of which `part` settles the lot `pays` in both contours; the rest opens an advance."""
    moment = moment_of(document_id, day, 50)
    fact = fact_row(document_id, moment, -amount, 3, own_value=True)
    entries = [EntryRow(UNIT, document_id, 1, None, BANK, 1, None, amount, 0, "", "")]
    rest, lots, allocations, postings, turnovers = amount - part, [], [], [], []
    for key in (REG_KEY, MGMT_KEY):
        if pays is not None:
            lot = (pays.document_id, pays.line)
            allocations.append(AllocationRow(UNIT, key, moment, document_id, 1, *lot, part, part, part, 4))
        if rest:
            lots.append(LotRow(UNIT, key, document_id, 1, NODE, moment, moment, None, -rest, -rest, -rest, -rest, NEVER, NEVER))
    for account, value in ((RECEIVABLE, part), (ADVANCE, rest)):
        if value:
            sides = (BANK, None, account, NODE)
            postings.append(PostingRow(UNIT, document_id, len(postings) + 1, moment, "entry", *sides, value, value, "", ""))
            turnovers.append(TurnoverRow(UNIT, day.replace(day=1), BANK, account, value))
    content = payment_content(day.isoformat(), str(document_id), f"{amount // 100}.{amount % 100:02d}")
    document, version = said(document_id, "payment_from_customer", moment, day, content, amount, fact, entries)
    return Rows(document, version, entries, [fact], [], lots, allocations, postings, turnovers)


def write(conn: Connection, rows: Rows) -> None:
    insert_rows(conn, [rows.document])
    insert_rows(conn, [rows.version])
    for several in rows[2:]:
        insert_rows(conn, several)


def set_residual(conn: Connection, document_id: int, residual: int, closed_moment: int = NEVER) -> None:
    conn.execute(
        """update lot set residual = %s, residual_book = %s, closed_moment = %s, used_moment = coalesce((
             select min(used.moment) from allocation used where used.key_id = lot.key_id and used.lot_document_id = lot.document_id
               and used.lot_line = lot.line), 9223372036854775807)
           where document_id = %s""",
        [residual, residual, closed_moment, document_id],
    )


def write_ledger(conn: Connection) -> None:
    """The whole story, committed."""
    conn.execute(MASTERS)
    insert_rows(conn, NODES)
    insert_rows(conn, KEYS)
    first = sale()
    write(conn, first)
    write(conn, payment(2, date(2025, 1, 20), 10_000, pays=first.lots[0], part=10_000))
    set_residual(conn, 1, 2_000)
    last = payment(3, date(2025, 2, 5), 5_000, pays=first.lots[0], part=2_000)
    write(conn, last)
    set_residual(conn, 1, 0, last.document.moment)
    conn.execute("select setval('document_id_seq', 3), setval('version_id_seq', 3)")
    conn.commit()


def tamper(conn: Connection, statement: LiteralString) -> int:
    """Change rows behind the back of every guard, as someone with the keys of the server could; how many rows it touched."""
    conn.execute("set session_replication_role = replica")
    count = conn.execute(statement).rowcount
    conn.execute("set session_replication_role = origin")
    conn.commit()
    return int(count)
